// A run as a tree: every step of its definition, begun or not, with its attempts, its rounds, its branches and its catch body. Pure.
import type { ApprovalView, StepPhase, StepView } from "@/api/types";
import type { FlowBody, FlowState, FlowStep } from "@/ui/flow";
import { flowPath } from "@/ui/flow";
import type { Tone } from "@/ui/badge";
import { stepLook } from "@/ui/status";

/** One step at one place of a run. */
export interface StepNode {
  /** As the run knows it: `deploy:i2/check:then/push`. */
  path: string;
  step: FlowStep;
  /** The attempts before the last one, oldest first. */
  earlier: readonly StepView[];
  /** The last attempt; none while it has not begun. */
  row: StepView | undefined;
  /** The bodies inside it in authored order; of a loop, the rounds that have begun. */
  bodies: readonly BodyNode[];
  caught: BodyNode | undefined;
}

/** Steps that run one after the other inside another step. */
export interface BodyNode {
  /** `then`, `else`, `b0`, `i12`, `catch`. */
  place: string;
  /** What the paths in it begin with: `deploy:i2/`. */
  prefix: string;
  label: string;
  /** The round of a loop, or the number of a branch. */
  index: number;
  nodes: readonly StepNode[];
  standing: Standing;
  /** Whether the run went another way, so that it will never begin. */
  passed: boolean;
}

/** How a body stands as a whole. */
export interface Standing {
  tone: Tone;
  word: string;
}

type Index = ReadonlyMap<string, readonly StepView[]>;

/** Grows the tree of a run. */
export function treeOf(steps: readonly FlowStep[], rows: Iterable<StepView>): StepNode[] {
  const attempts = new Map<string, StepView[]>();
  const rounds = new Map<string, Set<number>>();
  for (const row of rows) {
    const known = attempts.get(row.path);
    if (known === undefined) attempts.set(row.path, [row]);
    else known.push(row);
    for (const match of row.path.matchAll(/:i(\d+)\//g)) {
      const loop = row.path.slice(0, match.index);
      let seen = rounds.get(loop);
      if (seen === undefined) rounds.set(loop, (seen = new Set()));
      seen.add(Number(match[1]));
    }
  }
  for (const known of attempts.values()) if (known.length > 1) known.sort((a, b) => a.attempt - b.attempt);
  return nodesOf(steps, "", { attempts, rounds });
}

interface Grown {
  attempts: Index;
  rounds: ReadonlyMap<string, ReadonlySet<number>>;
}

function nodesOf(steps: readonly FlowStep[], prefix: string, grown: Grown): StepNode[] {
  return steps.map((step) => nodeOf(step, prefix + step.id, grown));
}

function nodeOf(step: FlowStep, path: string, grown: Grown): StepNode {
  const attempts = grown.attempts.get(path) ?? [];
  const row = attempts.at(-1);
  const bodies: BodyNode[] = [];
  let caught: BodyNode | undefined;
  for (const body of step.bodies) {
    if (body.place === "catch") caught = bodyOf(body, `${path}:catch/`, body.place, 0, grown, row !== undefined && row.then !== "catch" && isOver(row.phase));
    else if (body.place === "each") bodies.push(...roundsOf(body, path, grown));
    else bodies.push(bodyOf(body, `${path}:${body.place}/`, body.place, bodies.length, grown, wentElsewhere(row, body)));
  }
  return { path, step, earlier: attempts.length > 1 ? attempts.slice(0, -1) : none, row, bodies, caught };
}

const none: readonly StepView[] = [];

function roundsOf(body: FlowBody, path: string, grown: Grown): BodyNode[] {
  const seen = [...(grown.rounds.get(path) ?? [])].sort((a, b) => a - b);
  return seen.map((n) => bodyOf(body, `${path}:i${n}/`, `i${n}`, n, grown, false));
}

function bodyOf(body: FlowBody, prefix: string, place: string, index: number, grown: Grown, passed: boolean): BodyNode {
  const nodes = nodesOf(body.steps, prefix, grown);
  return { place, prefix, label: body.label, index, nodes, standing: standingOf(nodes), passed: passed && nodes.every((node) => node.row === undefined) };
}

/** Tells whether a fork has taken another way than this one, or ended without it. */
function wentElsewhere(row: StepView | undefined, body: FlowBody): boolean {
  if (row === undefined) return false;
  const holds = (row.input as { holds?: unknown } | null | undefined)?.holds;
  const fork = body.place === "then" || body.place === "else";
  return fork && typeof holds === "boolean" ? holds !== (body.place === "then") : isOver(row.phase);
}

export const isOver = (phase: StepPhase): boolean =>
  phase === "completed" || phase === "failed" || phase === "skipped" || phase === "reused" || phase === "cancelled";

/** Tells whether a step has failed and what it stands in has failed with it. */
export const endsItsBody = (row: StepView | undefined): boolean => row?.phase === "failed" && (row.then === "fail" || row.then === undefined || row.then === null);

const urgency: readonly Tone[] = ["bad", "warn", "busy", "accent", "good", "plain"];

/** How steps that run one after the other stand as a whole. */
export function standingOf(nodes: readonly StepNode[]): Standing {
  let worst: Standing | undefined;
  let begun = 0;
  for (const node of nodes) {
    const own = nodeStanding(node);
    if (own === undefined) continue;
    begun += 1;
    if (worst === undefined || urgency.indexOf(own.tone) < urgency.indexOf(worst.tone)) worst = own;
  }
  if (worst === undefined) return { tone: "plain", word: "not begun" };
  const done = worst.tone === "good" || worst.tone === "plain";
  // Between two steps of a body nothing is under way for a moment.
  return done && begun < nodes.length && nodes.at(-1)?.row === undefined && worst.word !== "cancelled" ? { tone: "busy", word: "running" } : worst;
}

function nodeStanding({ row, caught }: StepNode): Standing | undefined {
  if (row === undefined) return undefined;
  if (row.phase === "failed" && row.then === "continue") return { tone: "good", word: "went on after a failure" };
  if (row.phase === "failed" && (row.then === "retry" || row.then === "again")) return { tone: "warn", word: "to be tried again" };
  if (row.phase === "failed" && row.then === "catch") return caught === undefined || caught.standing.tone === "plain" ? { tone: "busy", word: "running" } : caught.standing;
  return stepLook(row.phase);
}

/** Walks a tree, each step before what is inside it. */
export function* everyNode(nodes: readonly StepNode[]): Generator<StepNode> {
  for (const node of nodes) {
    yield node;
    for (const body of node.bodies) yield* everyNode(body.nodes);
    if (node.caught !== undefined) yield* everyNode(node.caught.nodes);
  }
}

/** How pressing an attempt is, among all at one place of the diagram. */
const pressing: readonly StepPhase[] = ["unknown", "asked", "held", "failed", "cancelling", "repaired", "taken", "allowed", "started", "cancelled", "resolved", "completed", "reused", "skipped"];

/** How the steps stand for the diagram, where each place is one node however often it ran. */
export function flowStates(rows: Iterable<StepView>, approvals: readonly ApprovalView[] = []): Map<string, FlowState> {
  const last = new Map<string, StepView>();
  for (const row of rows) {
    const known = last.get(row.path);
    if (known === undefined || known.attempt <= row.attempt) last.set(row.path, row);
  }
  const asked = new Set(approvals.map((approval) => approval.path));
  const states = new Map<string, FlowState>();
  for (const row of last.values()) {
    const place = flowPath(row.path);
    const phase = asked.has(row.path) ? "asked" : row.phase;
    const known = states.get(place);
    const count = (known?.count ?? 0) + 1;
    const worse = known === undefined || pressing.indexOf(phase) < pressing.indexOf(known.phase);
    states.set(place, { phase: worse ? phase : known.phase, count });
  }
  for (const [place, state] of states) if (state.count === 1) states.set(place, { phase: state.phase });
  return states;
}

/** Finds the step to look at for a place of the diagram: the most pressing one there, of those the newest. */
export function stepAt(nodes: readonly StepNode[], place: string): string | undefined {
  let found: StepNode | undefined;
  for (const node of everyNode(nodes)) {
    if (node.step.path !== place) continue;
    const rank = (one: StepNode) => (one.row === undefined ? pressing.length : pressing.indexOf(one.row.phase));
    if (found === undefined || rank(node) <= rank(found)) found = node;
  }
  return found?.path ?? (place === "" ? undefined : place);
}
