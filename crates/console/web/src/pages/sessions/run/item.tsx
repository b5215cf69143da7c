// What the feed shows of runs: their steps, and where they begin and end.
import { memo } from "react";
import { Link } from "@tanstack/react-router";
import { CircleAlert, CircleCheck, CircleSlash, Play } from "lucide-react";
import type { Item } from "@/live/chat/items";
import type { RunState } from "@/live/chat/runs";
import { Fold } from "@/ui/steps/fold";
import { Result } from "@/ui/steps/result";
import { Clock, span } from "@/ui/time";
import { useViews } from "./runs";
import { StepView } from "./step";

export type RunItem = Extract<Item, { is: "step" | "began" | "ended" }>;

export const StepItem = memo(function StepItem({ item }: { item: RunItem }) {
  return (
    <div className="py-1.5">{item.is === "step" ? <StepView node={item.node} /> : item.is === "began" ? <Began run={item.run} at={item.at} /> : <Ended run={item.run} />}</div>
  );
});

const line = "flex flex-wrap items-center gap-x-2 gap-y-0.5 text-sm text-soft";

function Name({ run }: { run: RunState }) {
  return (
    <Link to="/runs/$run" params={{ run: run.view.execution }} className="font-medium text-ink underline decoration-line-strong underline-offset-2 hover:text-accent">
      {run.view.workflow}
    </Link>
  );
}

const triggers: Record<string, string> = { schedule: "by its schedule", webhook: "by a webhook", github: "by GitHub", retry: "again", workflow: "by another run", test: "as a test" };

function Began({ run, at }: { run: RunState; at: number }) {
  const { row, view } = run;
  const how = row === undefined ? undefined : row.trigger.kind === "manual" ? `by ${row.by}` : [triggers[row.trigger.kind] ?? `by ${row.trigger.kind}`, row.trigger.name].filter(Boolean).join(" ");
  return (
    <p className={line}>
      <Play size={14} aria-hidden />
      <span className="min-w-0 wrap-anywhere">
        <Name run={run} /> was started {how}
        {view.title !== view.workflow && view.title !== "" && `: ${view.title}`}
      </span>
      <Clock at={at} className="ml-auto text-xs" />
    </p>
  );
}

const ends = {
  completed: { icon: CircleCheck, tone: "text-good", words: "has completed" },
  failed: { icon: CircleAlert, tone: "text-bad", words: "has failed" },
  cancelled: { icon: CircleSlash, tone: "text-soft", words: "was cancelled" },
};

function Ended({ run }: { run: RunState }) {
  const views = useViews();
  const { row, view } = run;
  const end = ends[view.ended ?? "completed"];
  const whole = views.get(view.execution);
  const outputs = whole?.outputs ?? {};
  return (
    <div className="flex flex-col gap-1.5 rounded-lg border border-line bg-surface px-3 py-2">
      <p className={line}>
        <end.icon size={16} className={end.tone} aria-hidden />
        <span className="text-ink">
          <Name run={run} /> {end.words}
        </span>
        {row?.ended_at && <span className="text-xs tabular-nums">after {span(row.ended_at - row.started_at)}</span>}
        {row?.ended_at && <Clock at={row.ended_at} className="ml-auto text-xs" />}
      </p>
      {whole?.reason && <p className="text-sm wrap-anywhere whitespace-pre-wrap">Reason: {whole.reason}</p>}
      {row?.error && (
        <p className="text-sm wrap-anywhere whitespace-pre-wrap text-bad">
          {row.error.message} {row.error.step && <code className="font-mono text-xs">in {row.error.step}</code>}
        </p>
      )}
      {Object.keys(outputs).length > 0 && (
        <Fold title="What it gave" remember={`${view.execution}/outputs`} open>
          <Result value={outputs} label="What the run gave" />
        </Fold>
      )}
    </div>
  );
}
