// The runs that work in the session, above its transcript: how far each is, its steps as dots, and how to end it.
import { useState } from "react";
import { Link } from "@tanstack/react-router";
import { ChevronDown, ExternalLink, Workflow } from "lucide-react";
import type { RunState } from "@/live/chat/runs";
import { attemptKey } from "@/live/chat/runs";
import type { Tone } from "@/ui/badge";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { cx } from "@/ui/classes";
import { RunStatus } from "@/ui/status";
import { standingOf } from "@/ui/steps/kind";
import { counted } from "@/ui/steps/read";
import { Elapsed } from "@/ui/time";
import { CancelRun } from "./cancel";
import { stepOf, topSteps } from "./definition";
import { useRuns } from "./runs";

/** So many are seen at once; the others are a click away. */
const SHOWN_MAX = 2;
/** More steps than this are a line rather than dots. */
const DOTS_MAX = 40;

export function RunBars() {
  const { runs } = useRuns();
  const [all, setAll] = useState(false);
  const open = [...runs.values()].filter((run) => !run.view.ended).reverse();
  if (open.length === 0) return null;
  const more = open.length - SHOWN_MAX;
  return (
    <section aria-label="Runs in this session" className="flex shrink-0 flex-col divide-y divide-line border-t border-line">
      {(all ? open : open.slice(0, SHOWN_MAX)).map((run) => (
        <RunBar key={run.view.execution} run={run} />
      ))}
      {more > 0 && (
        <button type="button" aria-expanded={all} onClick={() => setAll(!all)} className="flex items-center gap-1 px-3 py-1 text-xs text-soft hover:text-ink">
          <ChevronDown size={14} aria-hidden className={cx("transition-transform", all && "rotate-180")} />
          {all ? "Show fewer" : `${counted(more, "more run")}`}
        </button>
      )}
    </section>
  );
}

function RunBar({ run }: { run: RunState }) {
  const { views, jump } = useRuns();
  const [cancelling, setCancelling] = useState(false);
  const id = run.view.execution;
  const view = views.get(id);
  const { row } = run;
  const [asked] = run.approvals.values();
  const current = row?.current ?? undefined;
  const name = current === undefined ? undefined : currentName(run, current, view?.definition);
  return (
    <div role="group" aria-label={`Run ${run.view.workflow}`} className="flex min-w-0 flex-wrap items-center gap-x-3 gap-y-1.5 px-3 py-2">
      <span className="flex min-w-0 items-center gap-2">
        <Workflow size={16} className="shrink-0 text-soft" aria-hidden />
        <Link to="/runs/$run" params={{ run: id }} className="flex min-w-0 items-center gap-1 text-sm font-semibold hover:text-accent hover:underline">
          <span className="truncate">{run.view.workflow}</span>
          <ExternalLink size={13} className="shrink-0 text-soft" aria-hidden />
        </Link>
        {row !== undefined && <RunStatus status={row.status} />}
      </span>
      {row !== undefined && (
        <span className="min-w-0 truncate text-xs text-soft tabular-nums">
          step {Math.min(row.step + 1, row.of)} of {row.of}
          {name !== undefined && (
            <>
              {" "}
              · <span className="text-ink">{name}</span>
            </>
          )}
        </span>
      )}
      {asked !== undefined && (
        <button type="button" title="Go to it" onClick={() => jump.to(`${id}/${asked.path}`)} className="rounded">
          <Badge tone="warn">{counted(run.approvals.size, "decision")} open</Badge>
        </button>
      )}
      <span className="flex min-w-0 flex-[1_1_6rem] items-center">
        <Dots run={run} definition={view?.definition} onStep={jump.to} />
      </span>
      <span className="ml-auto flex items-center gap-2">
        {row !== undefined && <Elapsed since={row.started_at} until={row.ended_at ?? null} className="text-xs text-soft tabular-nums" />}
        {view !== undefined && row?.status !== "cancelling" && (
          <Button small look="danger" onClick={() => setCancelling(true)}>
            Cancel
          </Button>
        )}
      </span>
      {cancelling && <CancelRun run={id} name={run.view.workflow} onClose={() => setCancelling(false)} />}
    </div>
  );
}

/** The name of the step that is under way: the one inside says more than what is around it. */
function currentName(run: RunState, path: string, definition: unknown): string {
  const id = path.split("/").at(-1)?.split(":")[0] ?? path;
  return stepOf(definition, id)?.name ?? run.attempts.get(attemptKey({ path, attempt: 1 }))?.name ?? id;
}

const colours: Record<Tone, string> = {
  plain: "bg-line-strong",
  accent: "bg-accent",
  good: "bg-good",
  warn: "bg-warn",
  bad: "bg-bad",
  busy: "bg-busy animate-pulse",
};

function Dots({ run, definition, onStep }: { run: RunState; definition: unknown; onStep: (key: string) => void }) {
  const steps = topSteps(definition);
  if (steps.length === 0) return null;
  if (steps.length > DOTS_MAX) return <Progress run={run} />;
  return (
    <ol aria-label={`Steps of ${run.view.workflow}`} className="flex min-w-0 flex-wrap items-center gap-1">
      {steps.map((step) => {
        const { tone, word } = topStanding(run, step.id);
        const label = `${step.name}: ${word}`;
        const look = cx("block h-2 rounded-full", tone === "busy" || tone === "warn" ? "w-5" : "w-2", tone === undefined ? "border border-line-strong bg-transparent" : colours[tone]);
        return (
          <li key={step.id} className="flex">
            {tone === undefined ? (
              <span role="img" aria-label={label} title={label} className={look} />
            ) : (
              <button type="button" aria-label={label} title={label} onClick={() => onStep(`${run.view.execution}/${step.id}`)} className="-m-1 p-1">
                <span className={look} />
              </button>
            )}
          </li>
        );
      })}
    </ol>
  );
}

function Progress({ run }: { run: RunState }) {
  const { step = 0, of = 1 } = run.row ?? {};
  return (
    <span role="progressbar" aria-label={`Steps of ${run.view.workflow}`} aria-valuenow={step} aria-valuemin={0} aria-valuemax={of} className="h-1.5 w-full max-w-60 overflow-hidden rounded-full bg-sunken">
      <span className="block h-full bg-good" style={{ width: `${(step / Math.max(of, 1)) * 100}%` }} />
    </span>
  );
}

/** How a step at the top stands: as its last attempt does; what has not begun has no colour. */
function topStanding(run: RunState, id: string): { tone: Tone | undefined; word: string } {
  let last;
  for (const attempt of run.attempts.values()) if (attempt.path === id && (last === undefined || attempt.attempt > last.attempt)) last = attempt;
  if (last === undefined) return { tone: undefined, word: "not begun" };
  const asked = [...run.approvals.values()].some((approval) => approval.path === id || approval.path.startsWith(`${id}:`));
  if (asked) return { tone: "warn", word: "waits for a decision" };
  if (last.phase === "failed" && (last.then === "retry" || last.then === "again")) return { tone: "warn", word: "failed, is tried again" };
  return standingOf(last);
}
