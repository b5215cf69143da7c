// Facts of runs in words.
import type { ExecutionRow } from "@/api/types";

const kinds: Record<string, string> = {
  manual: "by hand",
  webhook: "by a webhook",
  schedule: "by a schedule",
  github: "by GitHub",
  retry: "as a retry",
  test: "as a test",
  workflow: "by another run",
};

/** Says what led to a run: `by the schedule nightly, for ann`. */
export function ledBy({ trigger, by }: Pick<ExecutionRow, "trigger" | "by">): string {
  const named = trigger.name === undefined || trigger.name === null ? (kinds[trigger.kind] ?? trigger.kind) : `by the ${trigger.kind === "github" ? "GitHub trigger" : trigger.kind} ${trigger.name}`;
  return trigger.kind === "manual" ? `by ${by}` : `${named}, ${by}`;
}

const waits: Record<string, string> = {
  approval: "for an approval",
  answer: "for an answer",
  event: "for an event",
  child: "for a run that it started",
  time: "for its time",
  runner: "for a runner",
};

/** Says what a run waits for, when everything in it waits. */
export function waitsFor(row: Pick<ExecutionRow, "status" | "waits_for">): string | undefined {
  if (row.status !== "waiting" || row.waits_for === undefined || row.waits_for === null) return undefined;
  return waits[row.waits_for] ?? `for ${row.waits_for}`;
}
