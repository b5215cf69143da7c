// What a run's definition says of its steps, for what nobody has told yet.
import { field, text } from "@/ui/steps/read";

/** A step as its definition has it. */
export interface Defined {
  id: string;
  name: string;
  kind: string;
  /** The persona that the agent takes on, where the definition says it outright. */
  persona: string | undefined;
}

/** Lists the steps at the top. */
export function topSteps(definition: unknown): Defined[] {
  return listed(field(definition, "steps")).map(defined);
}

const found = new WeakMap<object, Map<string, Defined>>();

/** Returns a step by its id, which is the only one in the whole definition. */
export function stepOf(definition: unknown, id: string): Defined | undefined {
  if (typeof definition !== "object" || definition === null) return undefined;
  let steps = found.get(definition);
  if (steps === undefined) {
    steps = new Map();
    note(listed(field(definition, "steps")), steps);
    found.set(definition, steps);
  }
  return steps.get(id);
}

function note(steps: readonly unknown[], into: Map<string, Defined>): void {
  for (const step of steps) {
    const one = defined(step);
    into.set(one.id, one);
    for (const body of ["steps", "then", "else", "catch"]) note(listed(field(step, body)), into);
    for (const branch of listed(field(step, "branches"))) note(listed(field(branch, "steps")), into);
  }
}

function defined(step: unknown): Defined {
  const id = text(field(step, "id")) ?? "";
  const persona = text(field(step, "persona"));
  return {
    id,
    name: text(field(step, "name")) ?? id,
    kind: text(field(step, "type")) ?? "",
    persona: persona?.includes("{{") ? undefined : persona,
  };
}

const listed = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
