// Why an attempt of a step has failed, and what follows.
import { CircleAlert, CornerDownRight } from "lucide-react";
import { Badge } from "@/ui/badge";
import { Clock, distance, useNow } from "@/ui/time";
import type { StepLike } from "./read";
import { capital } from "./read";

interface ProblemProps {
  step: StepLike;
  /** Another attempt has begun since. */
  superseded?: boolean;
  /** Goes to the step where it began. */
  onPath?: ((path: string) => void) | undefined;
}

export function StepProblem({ step, superseded = false, onPath }: ProblemProps) {
  const { error } = step;
  if (error === undefined || error === null) return null;
  const elsewhere = error.step !== undefined && error.step !== null && error.step !== step.path ? error.step : undefined;
  const soft = step.phase === "repaired" || step.phase === "held";
  return (
    <div className={`flex items-start gap-2 rounded-md px-2.5 py-1.5 text-sm ${soft ? "bg-warn-soft text-warn" : "bg-bad-soft text-bad"}`}>
      <CircleAlert size={16} className="mt-0.5 shrink-0" aria-hidden />
      <div className="flex min-w-0 flex-1 flex-col gap-0.5">
        <p className="wrap-anywhere whitespace-pre-wrap">{capital(error.message)}</p>
        <p className="flex flex-wrap items-center gap-x-2 font-mono text-xs">
          <span className="wrap-anywhere">{error.code}</span>
          {elsewhere !== undefined &&
            (onPath === undefined ? (
              <span className="wrap-anywhere">in {elsewhere}</span>
            ) : (
              <button type="button" className="wrap-anywhere underline" onClick={() => onPath(elsewhere)}>
                in {elsewhere}
              </button>
            ))}
        </p>
        {step.phase === "failed" && <Follows step={step} superseded={superseded} />}
      </div>
    </div>
  );
}

/** What happens after a failed attempt. */
function Follows({ step, superseded }: { step: StepLike; superseded: boolean }) {
  const words = {
    again: superseded ? "It was tried again; this attempt does not count." : "It is tried again; this attempt does not count.",
    catch: "What the step has under “catch” runs.",
    continue: "The run goes on with the next step.",
    fail: step.path.includes("/") ? "It ends what it stands in." : "It ends the run.",
  };
  if (step.then === undefined || step.then === null) return null;
  return (
    <p className="flex items-center gap-1.5 text-xs">
      <CornerDownRight size={13} className="shrink-0" aria-hidden />
      {step.then !== "retry" ? (
        words[step.then]
      ) : superseded ? (
        "It was tried again."
      ) : (
        <NextAttempt at={step.until ?? undefined} />
      )}
    </p>
  );
}

function NextAttempt({ at }: { at: number | undefined }) {
  const now = useNow();
  if (at === undefined) return <>Another attempt follows.</>;
  return (
    <span className="inline-flex flex-wrap items-center gap-1.5">
      Another attempt at <Clock at={at} />
      <Badge tone="warn">{at > now ? distance(at, now) : "now"}</Badge>
    </span>
  );
}
