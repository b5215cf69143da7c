// What was asked and is settled: by this person just now, or by somebody who was faster.
import { Check, CircleSlash, X } from "lucide-react";
import type { Waiting } from "@/api/types";
import { useMe } from "@/shell/me";
import { Badge } from "@/ui/badge";
import { IconButton } from "@/ui/button";
import { Ago } from "@/ui/time";
import type { Settled } from "./data";

interface SettledProps {
  waiting: Waiting;
  settled: Settled & { mine: boolean };
  onDismiss: () => void;
}

export function SettledCard({ waiting, settled, onDismiss }: SettledProps) {
  return (
    <section aria-label={`Decided: ${titleOf(waiting)}`} className="flex items-start gap-2 rounded-lg border border-line bg-sunken p-3 text-sm">
      <div className="flex min-w-0 flex-1 flex-col gap-1">
        <p className="truncate text-soft">{titleOf(waiting)}</p>
        <p role="status" className="flex flex-wrap items-center gap-x-1.5 gap-y-1">
          <Outcome settled={settled} budget={!("prompt" in waiting) && !("tool" in waiting)} />
        </p>
      </div>
      <IconButton small label="Put away" onClick={onDismiss}>
        <X size={14} aria-hidden />
      </IconButton>
    </section>
  );
}

/** Names what was asked, in a line. */
export function titleOf(waiting: Waiting): string {
  if ("prompt" in waiting) return `${waiting.workflow}: ${waiting.prompt}`;
  return "tool" in waiting ? `${waiting.tool} ${JSON.stringify(waiting.arguments)}` : `A budget was used up: ${waiting.measure.replace("_", " ")}`;
}

const past = (done: string): string => (done === "raised" ? "raised it" : done);

function Outcome({ settled, budget }: { settled: Settled & { mine: boolean }; budget: boolean }) {
  const { decision, by, reason, at, mine, said } = settled;
  const you = useMe()?.name === by;
  if (decision === undefined) {
    return (
      <>
        <Badge>
          <CircleSlash size={13} aria-hidden /> settled
        </Badge>
        <span>{said ?? "It waits no more: somebody has decided, or what asked is over."}</span>
      </>
    );
  }
  const yes = decision === "approved";
  const done = budget ? "raised" : decision;
  return (
    <>
      <Badge tone={yes ? "good" : "bad"}>
        {yes ? <Check size={13} aria-hidden /> : <X size={13} aria-hidden />}
        {done}
      </Badge>
      <span>
        {mine ? `You ${past(done)}` : by === undefined ? "Nobody decided in time" : you ? `You ${past(done)} elsewhere` : `${by} was faster, and ${past(done)}`}
        {at !== undefined && (
          <>
            , <Ago at={at} className="text-soft" />
          </>
        )}
      </span>
      {reason && <q className="text-soft wrap-anywhere">{reason}</q>}
    </>
  );
}
