// A run as its stream tells it: the run, every attempt of every step, and what was decided. Pure, and every event may come twice.
import type { ApprovalView, ExecutionEvent, ExecutionView, Schemas, StepEvent, StepPhase, StepView } from "@/api/types";

export type Decided = Schemas["Decided"];

export interface RunState {
  execution: ExecutionView | null;
  /** Attempts by `attemptKey`, in the order of their starts. A `seq` of 0 is one that nobody has told. */
  rows: ReadonlyMap<string, StepView>;
  /** What was decided while somebody watched, by the id of the approval. */
  decided: ReadonlyMap<string, Decided>;
  /** Whether the attempts go back to the first: a picture shows the newest ones only. */
  reaches: boolean;
  /** Moves with everything that may change why the run waits. */
  changes: number;
  /** Moves when there is more to know of the run than the stream tells: what was used, what it gives. */
  wholes: number;
}

export const noRun: RunState = { execution: null, rows: new Map(), decided: new Map(), reaches: true, changes: 0, wholes: 0 };

/** Names one attempt of one step. */
export const attemptKey = ({ path, attempt }: Pick<StepEvent, "path" | "attempt">): string => `${path}#${attempt}`;

/** Takes in one piece of news. */
export function foldRun(state: RunState, event: ExecutionEvent): RunState {
  switch (event.type) {
    case "init":
      return pictured(state, event.execution, event.steps);
    case "run.step":
      return stepped(state, event.step);
    case "run.updated":
      return updated(state, event.run, event.approvals);
    case "approval.decided":
      return { ...state, decided: new Map(state.decided).set(event.decided.approval, event.decided) };
    default:
      return state;
  }
}

/** A picture holds the newest steps only; those that are older stay as they were told. */
function pictured(state: RunState, execution: ExecutionView, steps: readonly StepView[]): RunState {
  const rows = new Map<string, StepView>();
  const shown = new Set(steps.map(attemptKey));
  const first = steps[0]?.seq ?? Infinity;
  for (const [key, row] of state.rows) if (row.seq !== 0 && row.seq < first && !shown.has(key)) rows.set(key, row);
  for (const row of execution.open) if (!shown.has(attemptKey(row))) rows.set(attemptKey(row), row);
  for (const row of steps) rows.set(attemptKey(row), row);
  const begins = (execution.definition as { steps?: { id?: string }[] } | null)?.steps?.[0]?.id;
  const reaches = execution.steps_started === 0 || steps.some((row) => row.path === begins && row.attempt <= 1);
  return { ...state, execution, rows, reaches, changes: state.changes + 1 };
}

function updated(state: RunState, run: Schemas["ExecutionRow"], approvals: ApprovalView[]): RunState {
  const { execution } = state;
  if (execution === null) return state;
  const wholes = execution.status === run.status ? state.wholes : state.wholes + 1;
  return { ...state, execution: { ...execution, ...run, approvals }, changes: state.changes + 1, wholes };
}

function stepped(state: RunState, step: StepEvent): RunState {
  const key = attemptKey(step);
  const before = state.rows.get(key);
  const after = foldAttempt(before, step);
  if (after === before) return state;
  const { execution } = state;
  const counted = before === undefined && execution !== null && isStart(step) ? { ...execution, steps_started: execution.steps_started + 1 } : execution;
  const used = step.usage !== undefined && step.usage !== null;
  return { ...state, rows: new Map(state.rows).set(key, after), execution: counted, wholes: used ? state.wholes + 1 : state.wholes };
}

const isStart = ({ phase, attempt }: StepEvent) => phase === "started" && attempt > 0;

const over: ReadonlySet<StepPhase> = new Set<StepPhase>(["completed", "failed", "skipped", "reused", "cancelled"]);

/** Takes up what has happened to an attempt. What is absent has not changed, but for what was to come or has been mended. */
export function foldAttempt(before: StepView | undefined, now: StepEvent): StepView {
  if (before === undefined) return { ...now, seq: 0, started_at: now.at };
  // What is over stays over: this is told a second time. Only an attempt that did nothing is begun again.
  if (over.has(before.phase) && now.at <= before.at && now.phase !== before.phase && before.then !== "again") return before;
  if (now.at < before.at) return before;
  if (before.then === "again" && now.phase === "started") return { ...now, seq: before.seq, started_at: now.at };
  const kept: Partial<StepView> = {};
  for (const name of ["input", "output", "error", "duration_ms", "turn", "agent", "round", "child", "approval", "usage"] as const) {
    const value = now[name] ?? before[name];
    if (value !== undefined && value !== null) Object.assign(kept, { [name]: value });
  }
  if (now.phase === "completed") delete kept.error;
  const { seq, started_at } = before;
  return { ...now, ...kept, seq, started_at };
}

/** Takes in what the server tells of the run when it is asked: what the stream leaves out. */
export function foldWhole(state: RunState, whole: ExecutionView): RunState {
  const { execution } = state;
  if (execution === null || execution.id !== whole.id) return state;
  const { usage, steps_started, outputs, reason } = whole;
  return { ...state, execution: { ...execution, usage, steps_started: Math.max(steps_started, execution.steps_started), outputs, reason } };
}

/** Takes in attempts that were read by pages: those that began before the picture's, and the records that hold their starts. */
export function foldPages(state: RunState, steps: readonly StepView[]): RunState {
  const rows = new Map<string, StepView>();
  for (const row of steps) {
    const known = state.rows.get(attemptKey(row));
    rows.set(attemptKey(row), known === undefined ? row : { ...known, seq: row.seq, started_at: row.started_at, input: known.input ?? row.input });
  }
  for (const [key, row] of state.rows) if (!rows.has(key)) rows.set(key, row);
  return { ...state, rows, reaches: true };
}
