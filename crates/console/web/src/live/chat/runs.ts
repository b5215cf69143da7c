// The workflow runs of a session, as its socket tells them: a pure fold in which every event may come twice.
import type { ApprovalView, ClientEvent, ExecutionRow, RunPicture, RunView, Schemas, StepEvent, StepPhase, StepView } from "@/api/types";

export type Decided = Schemas["Decided"];

/** One attempt of a step, everything that is known of it folded together. */
export type Attempt = StepEvent & {
  /** When it was asked for, as far as that is known. */
  started_at?: number;
};

/** A run that works in the session, or did. */
export interface RunState {
  view: RunView;
  /** How it stands; absent for what had ended before anybody looked. */
  row: ExecutionRow | undefined;
  /** Every attempt that was told of, by `attemptKey`. */
  attempts: ReadonlyMap<string, Attempt>;
  /** What people are asked now. */
  approvals: ReadonlyMap<string, ApprovalView>;
  /** What was decided while somebody looked. */
  decided: ReadonlyMap<string, Decided>;
  /** Counts the pictures: what happened before the last one, and is not in it, has to be asked for. */
  picture: number;
}

/** All of them by id, in the order in which they were attached. */
export type RunsState = ReadonlyMap<string, RunState>;

export const noRuns: RunsState = new Map();

export const attemptKey = (step: Pick<StepEvent, "path" | "attempt">): string => `${step.path}#${step.attempt}`;

/** Takes one piece of news of the session in. What is not about runs changes nothing. */
export function foldRuns(state: RunsState, event: ClientEvent): RunsState {
  switch (event.type) {
    case "init":
    case "resync":
      return pictured(state, event.session.runs ?? [], event.runs ?? []);
    case "run.attached": {
      const known = state.get(event.run.execution);
      return set(state, event.run.execution, known === undefined ? fresh(event.run) : { ...known, view: event.run });
    }
    case "run.step": {
      const run = state.get(event.execution);
      return run === undefined ? state : set(state, event.execution, withStep(run, event.step));
    }
    case "run.updated": {
      const run = state.get(event.run.id);
      if (run === undefined) return state;
      const approvals = new Map([...run.approvals].filter(([id]) => event.approvals.includes(id)));
      return set(state, event.run.id, { ...run, row: event.run, approvals: approvals.size === run.approvals.size ? run.approvals : approvals });
    }
    case "approval": {
      const run = state.get(event.approval.execution);
      if (run === undefined || run.decided.has(event.approval.id)) return state;
      return set(state, event.approval.execution, { ...run, approvals: new Map(run.approvals).set(event.approval.id, event.approval) });
    }
    case "approval.decided": {
      const run = state.get(event.execution);
      if (run === undefined) return state;
      const approvals = new Map(run.approvals);
      approvals.delete(event.decided.approval);
      return set(state, event.execution, { ...run, approvals, decided: new Map(run.decided).set(event.decided.approval, event.decided) });
    }
    case "run.ended": {
      const run = state.get(event.execution);
      if (run === undefined) return state;
      return set(state, event.execution, { ...run, view: { ...run.view, ended: event.end }, approvals: new Map() });
    }
    default:
      return state;
  }
}

/** Adds what the list of a run's steps says to what its socket has told. */
export function withSteps(run: RunState, steps: readonly StepView[]): RunState {
  const attempts = new Map<string, Attempt>();
  // The list is in the order of the starts, the socket has seen only the end of it.
  for (const step of steps) attempts.set(attemptKey(step), step);
  for (const [key, told] of run.attempts) {
    const listed = attempts.get(key);
    attempts.set(key, listed === undefined ? told : joinedOnce(listed, told));
  }
  return { ...run, attempts };
}

const joins = new WeakMap<Attempt, { told: Attempt; whole: Attempt }>();

/** Joins the same two to the same object, so that what has not changed is not rendered again. */
function joinedOnce(listed: Attempt, told: Attempt): Attempt {
  const known = joins.get(listed);
  if (known?.told === told) return known.whole;
  const whole = joined(listed, told);
  joins.set(listed, { told, whole });
  return whole;
}

/** Tells whether nothing more happens to an attempt. */
export function isAttemptOver(phase: StepPhase): boolean {
  return phase === "completed" || phase === "failed" || phase === "skipped" || phase === "reused" || phase === "cancelled";
}

function fresh(view: RunView): RunState {
  return { view, row: undefined, attempts: new Map(), approvals: new Map(), decided: new Map(), picture: 0 };
}

function set(state: RunsState, id: string, run: RunState): RunsState {
  return new Map(state).set(id, run);
}

/** A whole picture. What is over stays over, so it is kept; what was under way may have ended while nobody heard it. */
function pictured(before: RunsState, views: readonly RunView[], pictures: readonly RunPicture[]): RunsState {
  const state = new Map<string, RunState>();
  for (const view of views) {
    const known = before.get(view.execution) ?? fresh(view);
    const over = new Map([...known.attempts].filter(([, attempt]) => isAttemptOver(attempt.phase)));
    state.set(view.execution, { ...known, view, attempts: over, approvals: new Map(), picture: known.picture + 1 });
  }
  for (const { run: row, open, approvals } of pictures) {
    const known = state.get(row.id);
    if (known === undefined) continue;
    const attempts = new Map(known.attempts);
    for (const step of open) {
      const earlier = before.get(row.id)?.attempts.get(attemptKey(step));
      // A picture has no inputs; its `at` is when the attempt began.
      const told: Attempt = { ...step, started_at: step.at };
      attempts.set(attemptKey(step), earlier === undefined ? told : continued(earlier, told));
    }
    state.set(row.id, { ...known, row, attempts, approvals: new Map(approvals.map((approval) => [approval.id, approval])) });
  }
  return state;
}

function withStep(run: RunState, step: StepEvent): RunState {
  const key = attemptKey(step);
  const before = run.attempts.get(key);
  const begins = step.phase === "started" || step.phase === "skipped" || step.phase === "reused";
  const told: Attempt = begins ? { ...step, started_at: step.at } : step;
  const now = before === undefined ? told : joined(before, told);
  return now === before ? run : { ...run, attempts: new Map(run.attempts).set(key, now) };
}

/** Joins what is known of an attempt with what is told of it, whichever is newer. */
function joined(known: Attempt, told: Attempt): Attempt {
  if (isOlder(told, known)) {
    const whole = continued(told, known);
    return sameAs(whole, known) ? known : whole;
  }
  return continued(known, told);
}

/** What is over comes after what is not; otherwise the clock of the run says. */
function isOlder(one: Attempt, other: Attempt): boolean {
  const [oneOver, otherOver] = [isAttemptOver(one.phase), isAttemptOver(other.phase)];
  return oneOver === otherOver ? one.at < other.at : otherOver;
}

/** Takes up what has happened since. What is absent has not changed, but for what was to come or has been mended. */
function continued(before: Attempt, now: Attempt): Attempt {
  const kept: (keyof Attempt)[] = ["started_at", "input", "output", "duration_ms", "turn", "agent", "round", "child", "approval", "usage"];
  if (now.phase !== "completed") kept.push("error");
  const earlier = kept.filter((name) => isThere(before[name]) && !isThere(now[name])).map((name) => [name, before[name]]);
  const later = Object.entries(now).filter(([, value]) => isThere(value));
  return Object.fromEntries([...later, ...earlier]) as Attempt;
}

const isThere = (value: unknown): boolean => value !== undefined && value !== null;

function sameAs(one: Attempt, other: Attempt): boolean {
  const names = new Set([...Object.keys(one), ...Object.keys(other)]) as Set<keyof Attempt>;
  return [...names].every((name) => one[name] === other[name]);
}
