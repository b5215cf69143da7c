// How things stand: one colour and one word for each, everywhere the same.
import type { ExecutionStatus, SessionRow, StepPhase } from "@/api/types";
import type { Tone } from "./badge";
import { Badge, Dot } from "./badge";

interface Look {
  tone: Tone;
  word: string;
}

const runs: Record<ExecutionStatus, Look> = {
  pending: { tone: "plain", word: "pending" },
  queued: { tone: "plain", word: "queued" },
  running: { tone: "busy", word: "running" },
  waiting: { tone: "warn", word: "waiting" },
  pausing: { tone: "warn", word: "pausing" },
  paused: { tone: "warn", word: "paused" },
  cancelling: { tone: "warn", word: "cancelling" },
  completed: { tone: "good", word: "completed" },
  failed: { tone: "bad", word: "failed" },
  cancelled: { tone: "plain", word: "cancelled" },
};

const steps: Record<StepPhase, Look> = {
  started: { tone: "busy", word: "started" },
  taken: { tone: "busy", word: "running" },
  asked: { tone: "warn", word: "waits for approval" },
  allowed: { tone: "busy", word: "approved" },
  held: { tone: "warn", word: "waits for budget" },
  repaired: { tone: "busy", word: "asked again" },
  completed: { tone: "good", word: "completed" },
  failed: { tone: "bad", word: "failed" },
  skipped: { tone: "plain", word: "skipped" },
  reused: { tone: "good", word: "reused" },
  cancelling: { tone: "warn", word: "cancelling" },
  cancelled: { tone: "plain", word: "cancelled" },
  unknown: { tone: "bad", word: "outcome unknown" },
  resolved: { tone: "good", word: "resolved" },
};

const sessions: Record<SessionRow["status"], Look> = {
  idle: { tone: "plain", word: "idle" },
  working: { tone: "busy", word: "working" },
  waiting: { tone: "warn", word: "waiting for an answer" },
  terminated: { tone: "plain", word: "ended" },
};

export const runLook = (status: ExecutionStatus): Look => runs[status];
export const stepLook = (phase: StepPhase): Look => steps[phase];
export const sessionLook = (status: SessionRow["status"]): Look => sessions[status];

/** Tells whether a step's attempt will not change any more by itself. */
export const isStepOver = (phase: StepPhase): boolean =>
  phase === "completed" || phase === "failed" || phase === "skipped" || phase === "reused" || phase === "cancelled" || phase === "resolved";

export const isRunOver = (status: ExecutionStatus): boolean => status === "completed" || status === "failed" || status === "cancelled";

export function RunStatus({ status }: { status: ExecutionStatus }) {
  return <StatusBadge look={runs[status]} />;
}

export function StepStatus({ phase }: { phase: StepPhase }) {
  return <StatusBadge look={steps[phase]} />;
}

function StatusBadge({ look }: { look: Look }) {
  return (
    <Badge tone={look.tone}>
      <Dot tone={look.tone} />
      {look.word}
    </Badge>
  );
}
