// What templates could read at one step of a run: inputs, variables, and what steps before it gave. Pure.
import type { StepView } from "@/api/types";
import type { FlowStep } from "@/ui/flow";
import { allSteps, flowPath } from "@/ui/flow";

/** A value by its name, and the step that it comes from. */
export interface Named {
  name: string;
  value: unknown;
  from?: string;
}

export interface RunScope {
  inputs: Named[];
  variables: Named[];
  outputs: Named[];
}

interface Given {
  steps: readonly FlowStep[];
  rows: Iterable<StepView>;
  inputs: Readonly<Record<string, unknown>>;
}

/** Returns what can be read at a step, or, without one, what there is by now. */
export function scopeAt({ steps, rows, inputs }: Given, path: string | null): RunScope {
  const defined = new Map(allSteps(steps).map((step) => [step.path, step]));
  const last = new Map<string, StepView>();
  for (const row of rows) if ((last.get(row.path)?.attempt ?? -1) <= row.attempt) last.set(row.path, row);
  const here = path === null ? undefined : last.get(path);
  const seen = [...last.values()].filter((row) => hasGiven(row) && (path === null || isReadAt(row, path, here, defined)));
  seen.sort((a, b) => a.at - b.at || a.seq - b.seq);
  const outputs = new Map<string, Named>();
  const variables = new Map<string, Named>(Object.entries(inputs).map(([name, value]) => [name, { name, value }]));
  for (const row of seen) {
    const fields = defined.get(flowPath(row.path))?.fields;
    for (const name of [idOf(row.path), fields?.output]) {
      if (typeof name === "string") outputs.set(name, { name, value: row.output, from: row.path });
    }
    if (row.kind === "set") for (const [name, value] of Object.entries((row.output ?? {}) as object)) variables.set(name, { name, value: value as unknown, from: row.path });
  }
  const byName = (a: Named, b: Named) => (a.name < b.name ? -1 : 1);
  const changed = [...variables.values()].filter((variable) => variable.from !== undefined);
  return { inputs: Object.entries(inputs).map(([name, value]) => ({ name, value })), variables: changed.sort(byName), outputs: [...outputs.values()] };
}

const hasGiven = (row: StepView): boolean =>
  row.output !== undefined && row.output !== null && (row.phase === "completed" || row.phase === "reused" || row.phase === "resolved" || row.phase === "failed");

interface Segment {
  id: string;
  place: string | undefined;
}

const segments = (path: string): Segment[] =>
  path.split("/").map((part) => {
    const [id = "", place] = part.split(":");
    return { id, place };
  });

const idOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

/** Tells whether what a step gave can be read at another one. */
function isReadAt(row: StepView, path: string, here: StepView | undefined, defined: ReadonlyMap<string, FlowStep>): boolean {
  if (row.path === path || path.startsWith(`${row.path}:`)) return false;
  if (here !== undefined && row.at > here.started_at) return false;
  const [there, mine] = [segments(row.path), segments(path)];
  const parts = there.findIndex((segment, n) => segment.id !== mine[n]?.id || segment.place !== mine[n]?.place);
  const [a, b] = [there[parts], mine[parts]];
  // It stands inside the step that is looked at.
  if (a === undefined || b === undefined || (a.id === b.id && b.place === undefined)) return false;
  if (a.id !== b.id) return true;
  const [round, own] = [/^i(\d+)$/.exec(a.place ?? ""), /^i(\d+)$/.exec(b.place ?? "")];
  if (round === null || own === null || Number(round[1]) >= Number(own[1])) return false;
  // Rounds that run at once do not see each other.
  const loop = defined.get(flowPath(pathUpTo(there, parts)));
  return Number(loop?.fields.concurrency ?? 1) <= 1;
}

const pathUpTo = (all: readonly Segment[], last: number): string =>
  all
    .slice(0, last + 1)
    .map(({ id, place }, n) => (n === last ? id : `${id}:${place ?? ""}`))
    .join("/");
