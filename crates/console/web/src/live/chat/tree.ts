// The steps of a run as they stand inside one another, each with its attempts and the messages that point back to it.
import type { ApprovalView, Message, Schemas } from "@/api/types";
import { byPlace, segments } from "./path";
import type { Attempt, Decided, RunState } from "./runs";
import { isAttemptOver } from "./runs";

export type StepRef = Schemas["StepRef"];

/** What is said in one round of an attempt: the prompt, and the reply or the turn that is to give it. */
export interface Round {
  round: number;
  messages: readonly Message[];
  /** The turn that is still open. */
  open: string | undefined;
}

export interface AttemptNode {
  number: number;
  /** What is known of it; absent while only its messages are here. */
  step: Attempt | undefined;
  rounds: readonly Round[];
}

/** Steps that stand inside another one. */
export interface Body {
  /** `i2`, `b0`, `then`, `else` or `catch`. */
  place: string;
  steps: readonly StepNode[];
}

export interface StepNode {
  /** Names it among all runs. */
  key: string;
  execution: string;
  path: string;
  id: string;
  /** Oldest first; at least one. */
  attempts: readonly AttemptNode[];
  bodies: readonly Body[];
  /** When the first of it was seen. */
  first: number;
  /** What people are asked now. */
  approval: ApprovalView | undefined;
  decided: Decided | undefined;
}

/** A turn that is still open, without what streams. */
export interface OpenHead {
  turn: string;
  thread: string;
  step: StepRef | undefined;
  started_at: number;
}

/** What points back to a run from its session. */
export interface Pointers {
  messages: readonly Message[];
  turns: readonly OpenHead[];
}

/** The nodes that were there before: what has not changed stays the same object. */
export type Nodes = ReadonlyMap<string, StepNode>;

interface Building {
  path: string;
  id: string;
  attempts: Map<number, { step: Attempt | undefined; rounds: Map<number, { messages: Message[]; open: string | undefined }> }>;
  bodies: Map<string, Building[]>;
}

/** Builds the steps at the top of a run, in the order in which they began; every node is noted in `nodes`. */
export function tree(run: RunState, pointers: Pointers, before: Nodes, nodes: Map<string, StepNode>): StepNode[] {
  const built = new Map<string, Building>();
  const top: Building[] = [];
  const at = (path: string): Building => {
    const known = built.get(path);
    if (known !== undefined) return known;
    let siblings = top;
    let place: Building | undefined;
    for (const segment of segments(path)) {
      place = built.get(segment.path);
      if (place === undefined) {
        place = { path: segment.path, id: segment.id, attempts: new Map(), bodies: new Map() };
        built.set(segment.path, place);
        siblings.push(place);
      }
      if (segment.place !== undefined) siblings = entry(place.bodies, segment.place, () => []);
    }
    return place as Building;
  };
  for (const step of run.attempts.values()) entry(at(step.path).attempts, step.attempt, () => ({ step: undefined, rounds: new Map() })).step = step;
  const round = (step: StepRef) => {
    const attempt = entry(at(step.path).attempts, step.attempt, () => ({ step: undefined, rounds: new Map() }));
    return entry(attempt.rounds, step.round ?? 0, () => ({ messages: [], open: undefined }));
  };
  for (const message of pointers.messages) if (message.step) round(message.step).messages.push(message);
  for (const turn of pointers.turns) if (turn.step !== undefined) round(turn.step).open = turn.turn;
  return finished(top, run, before, nodes);
}

function finished(steps: readonly Building[], run: RunState, before: Nodes, nodes: Map<string, StepNode>): StepNode[] {
  return steps.map((step) => finish(step, run, before, nodes)).sort((a, b) => a.first - b.first);
}

function finish(step: Building, run: RunState, before: Nodes, nodes: Map<string, StepNode>): StepNode {
  const execution = run.view.execution;
  const key = `${execution}/${step.path}`;
  const known = before.get(key);
  const bodies = [...step.bodies]
    .sort(([a], [b]) => byPlace(a, b))
    .map(([place, inner]) => {
      const body = { place, steps: finished(inner, run, before, nodes) };
      const same = known?.bodies.find((one) => one.place === place);
      return same !== undefined && sameList(same.steps, body.steps) ? same : body;
    });
  // A step that was skipped or reused has the attempt 0, which comes before none.
  const attempts = [...step.attempts]
    .sort(([a], [b]) => a - b)
    .map(([number, { step: told, rounds }]) => {
      const node: AttemptNode = { number, step: told, rounds: [...rounds].sort(([a], [b]) => a - b).map(([n, one]) => ({ round: n, ...one })) };
      const same = known?.attempts.find((one) => one.number === number);
      return same !== undefined && sameAttempt(same, node) ? same : node;
    });
  const last = attempts.at(-1)?.step;
  const node: StepNode = {
    ...{ key, execution, path: step.path, id: step.id, attempts, bodies },
    first: Math.min(...attempts.map(attemptFirst), ...bodies.map((body) => body.steps[0]?.first ?? Infinity)),
    approval: [...run.approvals.values()].find((approval) => approval.path === step.path),
    decided: last?.approval ? run.decided.get(last.approval) : undefined,
  };
  const kept = known !== undefined && sameNode(known, node) ? known : node;
  nodes.set(key, kept);
  return kept;
}

function attemptFirst({ step, rounds }: AttemptNode): number {
  const said = rounds[0]?.messages[0]?.at ?? Infinity;
  return step === undefined ? said : Math.min(step.started_at ?? step.at - (step.duration_ms ?? 0), said);
}

function sameAttempt(a: AttemptNode, b: AttemptNode): boolean {
  return (
    a.step === b.step &&
    a.rounds.length === b.rounds.length &&
    a.rounds.every((round, n) => round.round === b.rounds[n]?.round && round.open === b.rounds[n]?.open && sameList(round.messages, b.rounds[n]?.messages ?? []))
  );
}

function sameNode(a: StepNode, b: StepNode): boolean {
  return sameList(a.attempts, b.attempts) && sameList(a.bodies, b.bodies) && a.first === b.first && a.approval === b.approval && a.decided === b.decided;
}

function sameList<T>(a: readonly T[], b: readonly T[]): boolean {
  return a.length === b.length && a.every((one, n) => one === b[n]);
}

function entry<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = make()));
  return value;
}

/** How a step stands with everything inside it, worst first. */
export type Standing = "bad" | "warn" | "busy" | "good" | "plain";

export function standing(node: StepNode): Standing {
  const step = node.attempts.at(-1)?.step;
  if (step === undefined) return worst(node.bodies.flatMap((body) => body.steps));
  if (node.approval !== undefined || step.phase === "asked" || step.phase === "held") return "warn";
  switch (step.phase) {
    case "unknown":
      return "bad";
    case "failed":
      // What goes on, is tried again or was caught is not what a person has to look at.
      if (step.then === "retry" || step.then === "again") return "busy";
      return step.then === "continue" || step.then === "catch" ? "plain" : "bad";
    case "completed":
    case "reused":
      return "good";
    case "skipped":
    case "cancelled":
      return "plain";
    default: {
      const inner = worst(node.bodies.flatMap((body) => body.steps));
      return inner === "warn" || inner === "bad" ? inner : "busy";
    }
  }
}

const order: readonly Standing[] = ["bad", "warn", "busy", "good", "plain"];

export function worst(steps: readonly StepNode[]): Standing {
  return steps.map(standing).reduce<Standing>((most, one) => (order.indexOf(one) < order.indexOf(most) ? one : most), "plain");
}

/** Tells whether something of a step is still to happen. */
export function isUnderWay(node: StepNode): boolean {
  return node.attempts.some((attempt) => (attempt.step !== undefined && !isAttemptOver(attempt.step.phase)) || attempt.rounds.some((round) => round.open !== undefined)) || node.bodies.some((body) => body.steps.some(isUnderWay));
}

/** Tells whether any message of a step, or of one inside it, is here. */
export function isSaid(node: StepNode): boolean {
  return node.attempts.some((attempt) => attempt.rounds.length > 0) || node.bodies.some((body) => body.steps.some(isSaid));
}
