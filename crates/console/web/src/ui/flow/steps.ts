// Reads the steps of a definition, as it is stored or as somebody writes it, right or not, with the path that runs know each by.

/** One step, with what stands in it. */
export interface FlowStep {
  /** Its path without iterations: `deploy/check:then/push`. */
  path: string;
  id: string;
  type: string;
  /** What people call it: its name, its id, or where it has neither, what kind it is. */
  title: string;
  bodies: FlowBody[];
  /** Where it stands in the definition: `["steps", 2, "then", 0]`. */
  at: (string | number)[];
  fields: Readonly<Record<string, unknown>>;
}

/** Steps that stand inside another one, and where. */
export interface FlowBody {
  place: "each" | "then" | "else" | "catch" | `b${number}`;
  /** What to write beside the way into it. */
  label: string;
  steps: FlowStep[];
}

type Fields = Record<string, unknown>;
type At = (string | number)[];

const ID = /^[A-Za-z0-9_-]+$/;
/** What the server calls steps that nobody has named. */
const GENERATED = /^step_\d+(_(b\d+|then|else|steps|catch|\d+))*$/;
const ITERATION = /:i\d+(?=\/)/g;

/** Returns a step's path without iterations, which is how the diagram knows it. */
export function flowPath(path: string): string {
  return path.replace(ITERATION, "");
}

export const isFields = (value: unknown): value is Fields => typeof value === "object" && value !== null && !Array.isArray(value);
export const textOf = (value: unknown): string | undefined => (typeof value === "string" && value.trim() !== "" ? value : undefined);

/** Returns the steps of a definition as a tree. What is no step is left out. */
export function readSteps(definition: unknown): FlowStep[] {
  return isFields(definition) ? stepsOf(definition.steps, { outer: "", prefix: "", field: "steps", at: ["steps"], branched: false }) : [];
}

/** Lists steps and everything in them, each before what stands in it. */
export function allSteps(steps: readonly FlowStep[]): FlowStep[] {
  return steps.flatMap((step) => [step, ...step.bodies.flatMap((body) => allSteps(body.steps))]);
}

interface Where {
  /** What paths begin with here. */
  outer: string;
  /** What the ids begin with that steps get which have none. */
  prefix: string;
  field: string;
  at: At;
  /** Whether a branch of a parallel step is around it. */
  branched: boolean;
}

function stepsOf(value: unknown, where: Where): FlowStep[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((fields: unknown, index) => (isFields(fields) ? [stepOf(fields, index, where)] : []));
}

function stepOf(fields: Fields, index: number, where: Where): FlowStep {
  // The server names steps without an id in the same way, and runs tell their paths with those names.
  const given = generatedId(index, where);
  const id = typeof fields.id === "string" && ID.test(fields.id) ? fields.id : given;
  const path = where.outer + id;
  const at = [...where.at, index];
  const type = textOf(fields.type) ?? "";
  return { path, id, type, title: textOf(fields.name) ?? (GENERATED.test(id) && type !== "" ? type.replace("_", " ") : id), at, fields, bodies: bodiesOf(fields, { path, type, at, given, branched: where.branched }) };
}

function generatedId(index: number, { prefix, field, branched }: Where): string {
  if (prefix === "") return `step_${index}`;
  return branched && field === "steps" ? `${prefix}_${index}` : `${prefix}_${field}_${index}`;
}

interface Owner {
  path: string;
  type: string;
  at: At;
  given: string;
  branched: boolean;
}

function bodiesOf(fields: Fields, owner: Owner): FlowBody[] {
  const body = (place: FlowBody["place"], label: string, field: string): FlowBody => ({
    place,
    label,
    steps: stepsOf(fields[field], {
      outer: place === "each" ? `${owner.path}/` : `${owner.path}:${place}/`,
      prefix: owner.given,
      field,
      at: [...owner.at, field],
      branched: owner.branched,
    }),
  });
  const bodies: FlowBody[] = [];
  if (owner.type === "conditional") bodies.push(body("then", "then", "then"), body("else", "else", "else"));
  if (owner.type === "loop") bodies.push(body("each", fields.while === undefined ? `each ${textOf(fields.item) ?? "item"}` : "each round", "steps"));
  if (owner.type === "parallel") bodies.push(...branchesOf(fields, owner));
  bodies.push(body("catch", "if it fails", "catch"));
  return bodies.filter((one) => one.steps.length > 0);
}

function branchesOf(fields: Fields, owner: Owner): FlowBody[] {
  const { branches } = fields;
  if (branches === undefined) {
    // The short form: each step is a branch of its own.
    const where = { prefix: owner.given, field: "steps", at: [...owner.at, "steps"], branched: owner.branched };
    const list = Array.isArray(fields.steps) ? fields.steps : [];
    return list.flatMap((step: unknown, n): FlowBody[] => {
      if (!isFields(step)) return [];
      const read = stepOf(step, n, { ...where, outer: `${owner.path}:b${n}/` });
      return [{ place: `b${n}`, label: read.id, steps: [read] }];
    });
  }
  const entries: [string | number, unknown][] = Array.isArray(branches) ? [...branches.entries()] : isFields(branches) ? Object.entries(branches) : [];
  return entries.map(([key, entry], n) => {
    const at = [...owner.at, "branches", key];
    const where = { outer: `${owner.path}:b${n}/`, prefix: `${owner.given}_b${n}`, field: "steps", branched: true };
    const label = isFields(entry) ? (textOf(entry.name) ?? String(key)) : String(key);
    const steps = isFields(entry) ? stepsOf(entry.steps, { ...where, at: [...at, "steps"] }) : stepsOf(entry, { ...where, at });
    return { place: `b${n}`, label, steps };
  });
}
