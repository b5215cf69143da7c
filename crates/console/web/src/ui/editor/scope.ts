// Which names exist at a step: what templates and conditions there can read. The validator judges by the same rules.
import type { FlowBody, FlowStep } from "@/ui/flow/steps";
import { isFields, readSteps, textOf } from "@/ui/flow/steps";

/** One name that can be read at a place. */
export interface ScopeName {
  /** As it is written: `outputs.test`, `item`. */
  name: string;
  /** What it is, in a few words. */
  about: string;
  group: "inputs" | "outputs" | "variables" | "loop" | "error" | "run";
  /** The names of what is known to stand in it. */
  fields: string[];
}

/** What steps of each type give, as the schema tells it. */
export type Gives = (type: string) => string[];

const RUN_FIELDS = ["id", "workflow", "version", "started_at", "trigger"];
const ERROR_FIELDS = ["code", "message", "step", "path", "output"];

interface Visible {
  outputs: Map<string, FlowStep>;
  variables: Map<string, string>;
  /** The names of items and indexes, the innermost loop last. */
  loops: { item: string; index: string; of: FlowStep }[];
  caught: FlowStep | null;
}

/**
 * Lists the names that exist before the step at `path` begins; what the whole workflow's outputs can read when it is null.
 * `gathering` is for what a loop gathers of each round: it reads what the round has done.
 */
export function scopeAt(definition: unknown, path: string | null, gives: Gives = () => [], gathering = false): ScopeName[] {
  const inputs = inputNames(definition);
  const begin: Visible = { outputs: new Map(), variables: new Map(inputs.map(({ name, about }) => [name, about])), loops: [], caught: null };
  const found = walk(readSteps(definition), begin, path, gathering);
  const visible = found.at ?? (path === null ? found.after : begin);
  return [
    ...inputs.map(({ name, about }) => ({ name: reading("inputs", name), about, group: "inputs" as const, fields: [] })),
    ...visible.loops.flatMap(loopNames),
    ...[...visible.outputs].map(([name, step]) => ({ name: reading("outputs", name), about: `what ${step.title} gives`, group: "outputs" as const, fields: fieldsOf(step, gives) })),
    ...[...visible.variables].filter(([name]) => !inputs.some((input) => input.name === name)).map(([name, about]) => ({ name: reading("variables", name), about, group: "variables" as const, fields: [] })),
    ...(visible.caught === null ? [] : [{ name: "error", about: `why ${visible.caught.title} failed`, group: "error" as const, fields: ERROR_FIELDS }]),
    { name: "run", about: "this run", group: "run" as const, fields: RUN_FIELDS },
  ];
}

/** Writes a name as an expression reads it. */
function reading(root: string, name: string): string {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) ? `${root}.${name}` : `${root}["${name}"]`;
}

/** The declared inputs, in either form. */
export function inputNames(definition: unknown): { name: string; about: string }[] {
  const inputs = isFields(definition) ? definition.inputs : undefined;
  const entries: [unknown, unknown][] = Array.isArray(inputs) ? inputs.map((one: unknown) => [isFields(one) ? one.name : undefined, one]) : isFields(inputs) ? Object.entries(inputs) : [];
  return entries.flatMap(([name, said]) => {
    if (typeof name !== "string") return [];
    const type = isFields(said) ? textOf(said.type) : textOf(said);
    const words = isFields(said) ? textOf(said.description) : undefined;
    return [{ name, about: [type ?? "any", words].filter(Boolean).join(", ") }];
  });
}

function walk(steps: readonly FlowStep[], begin: Visible, path: string | null, gathering: boolean): { at?: Visible; after: Visible } {
  let now = begin;
  for (const step of steps) {
    if (step.path === path) {
      const round = gathering ? step.bodies.find((body) => body.place === "each") : undefined;
      return { at: round === undefined ? now : walk(round.steps, entered(step, round, now), null, false).after, after: now };
    }
    const after: Visible = { ...now, outputs: new Map(now.outputs), variables: new Map(now.variables) };
    for (const body of step.bodies) {
      const inner = walk(body.steps, entered(step, body, now), path, gathering);
      if (inner.at !== undefined) return inner;
      for (const [name, one] of inner.after.outputs) after.outputs.set(name, one);
      for (const [name, about] of inner.after.variables) after.variables.set(name, about);
    }
    gain(step, after);
    now = after;
  }
  return { after: now };
}

/** What is seen at the beginning of a body. */
function entered(step: FlowStep, body: FlowBody, now: Visible): Visible {
  const inner: Visible = { ...now, outputs: new Map(now.outputs), variables: new Map(now.variables) };
  if (body.place === "catch") inner.caught = step;
  if (body.place !== "each") return inner;
  inner.loops = [...now.loops, { item: textOf(step.fields.item) ?? "item", index: textOf(step.fields.index) ?? "index", of: step }];
  // A further round reads what the round before has done.
  if (step.fields.while !== undefined) for (const one of every(body.steps)) gain(one, inner);
  return inner;
}

function gain(step: FlowStep, visible: Visible): void {
  visible.outputs.set(step.id, step);
  const second = textOf(step.fields.output);
  if (second !== undefined) visible.outputs.set(second, step);
  if (step.type === "set" && isFields(step.fields.variables)) for (const name of Object.keys(step.fields.variables)) visible.variables.set(name, `set by ${step.title}`);
}

const every = (steps: readonly FlowStep[]): FlowStep[] => steps.flatMap((step) => [step, ...step.bodies.flatMap((body) => every(body.steps))]);

function loopNames({ item, index, of }: Visible["loops"][number]): ScopeName[] {
  const group = "loop" as const;
  return [
    { name: item, about: `the item of ${of.title}`, group, fields: [] },
    { name: index, about: `its number in ${of.title}, from 0`, group, fields: [] },
  ];
}

function fieldsOf(step: FlowStep, gives: Gives): string[] {
  const schema = step.fields.output_schema;
  const named = Array.isArray(schema) ? schema.flatMap((one: unknown) => (isFields(one) && typeof one.name === "string" ? [one.name] : [])) : isFields(schema) ? Object.keys(schema) : [];
  return [...gives(step.type).filter((field) => field !== "response" || named.length === 0), ...named.map((name) => `response.${name}`)];
}
