// What somebody writes of a trigger: which fields are sent, and which mistake belongs to which field.
import type { Mistake, Schemas } from "@/api/types";

export type TriggerType = Schemas["TriggerType"];

/** A definition under way, by the names that the server uses. Where a text stands under `…_ms`, somebody is writing a length of time. */
export type Draft = Readonly<Record<string, unknown>>;

/** Fields that hold instants; they are written as texts. */
const INSTANTS: readonly string[] = ["start", "end"];
/** Fields that any type has. */
const COMMON: readonly string[] = ["name", "description", "enabled", "workflow", "prompt", "inputs", "overlap", "failure_notify", "type"];

/** Returns a definition to begin with. */
export function freshDraft(type: TriggerType, timezone: string): Draft {
  switch (type) {
    case "schedule":
      return { type, cron: "0 9 * * mon-fri", timezone };
    case "webhook":
      return { type, verify: { scheme: "standard_webhooks" } };
    case "github":
      return { type, repos: [], events: [] };
    case "manual":
      return { type };
  }
}

/** Returns the draft as one of another type: what only the old type has is left behind. */
export function ofType(draft: Draft, type: TriggerType, timezone: string): Draft {
  const common = Object.fromEntries(Object.entries(draft).filter(([field]) => COMMON.includes(field)));
  return { ...freshDraft(type, timezone), ...common, type };
}

/** Returns the draft with a field set; nothing, or nothing in it, takes the field away. */
export function withField(draft: Draft, field: string, value: unknown): Draft {
  const rest = Object.fromEntries(Object.entries(draft).filter(([name]) => name !== field));
  return isNothing(value) ? rest : { ...rest, [field]: value };
}

function isNothing(value: unknown): boolean {
  return value === undefined || value === null || value === "";
}

/** Returns what is sent for a new trigger. */
export function whole(draft: Draft): Record<string, unknown> {
  return Object.fromEntries(Object.entries(draft).map(([field, value]) => written(field, value)));
}

/** Returns what is sent to change a trigger: what is not said keeps its value, and `null` clears it. */
export function changes(old: Draft, draft: Draft): Record<string, unknown> {
  const [before, after] = [whole(old), whole(draft)];
  const patch: Record<string, unknown> = {};
  for (const [field, value] of Object.entries(after)) if (!same(before[field], value)) patch[field] = value;
  const retyped = old.type !== draft.type;
  for (const field of Object.keys(before)) {
    // Another type takes nothing over that belongs to the old one.
    const stays = !retyped || COMMON.includes(field);
    if (!(field in after) && stays && !(bare(field) in after)) patch[field] = null;
  }
  return patch;
}

function written(field: string, value: unknown): [string, unknown] {
  if (field.endsWith("_ms") && typeof value === "string") return [bare(field), value];
  if (INSTANTS.includes(field) && typeof value === "number") return [field, new Date(value).toISOString()];
  if (typeof value === "object" && value !== null && !Array.isArray(value) && field !== "inputs") {
    return [field, Object.fromEntries(Object.entries(value).map(([name, inner]) => written(name, inner)))];
  }
  return [field, value];
}

const bare = (field: string): string => field.replace(/_ms$/, "");

/** Compares two values, whatever the order of their fields. */
export function same(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null || Array.isArray(a) !== Array.isArray(b)) return false;
  const [left, right] = [Object.entries(a), new Map(Object.entries(b))];
  return left.length === right.size && left.every(([key, value]) => right.has(key) && same(value, right.get(key)));
}

/** Mistakes by the field that they belong to; what belongs to none stands under `""`. */
export type Mistakes = ReadonlyMap<string, readonly Mistake[]>;

/** Sorts what is wrong by where the form shows it. */
export function byField(mistakes: readonly Mistake[]): Mistakes {
  const sorted = new Map<string, Mistake[]>();
  const put = (field: string, mistake: Mistake) => sorted.set(field, [...(sorted.get(field) ?? []), mistake]);
  for (const mistake of mistakes) {
    for (const field of fieldsOf(mistake)) put(field, mistake);
  }
  return sorted;
}

/** Of `trigger.verify.scheme` this is `verify`; what is missing says its name in words only. */
function fieldsOf(mistake: Mistake): string[] {
  const path = mistake.path.replace(/^trigger\.?/, "");
  if (path !== "") return [bare(/^[^.[]+/.exec(path)?.[0] ?? path)];
  if (mistake.code !== "missing_field") return [""];
  const named = [...mistake.message.matchAll(/`([a-z_]+)`/g)].map((match) => bare(match[1] ?? ""));
  return named.length > 0 ? named : [""];
}

/** Says a mistake, and how to mend it. */
export function mistakeWords(mistake: Mistake): string {
  const said = mistake.message.charAt(0).toUpperCase() + mistake.message.slice(1);
  return mistake.fix ? `${said}: ${mistake.fix}` : said;
}

/** Says what is wrong with one field, when something is. */
export function wrongWith(mistakes: Mistakes, field: string): string | null {
  const own = mistakes.get(field) ?? [];
  return own.length === 0 ? null : own.map(mistakeWords).join("; ");
}

const UNITS: readonly [string, number][] = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1_000],
  ["ms", 1],
];

/** Writes a length of time as definitions have it: `1h30m`. */
export function lengthText(ms: number): string {
  if (ms === 0) return "0s";
  let rest = ms;
  let text = "";
  for (const [unit, size] of UNITS) {
    const count = Math.floor(rest / size);
    if (count > 0) text += `${count}${unit}`;
    rest %= size;
  }
  return text;
}

/** Reads a length of time; what is none stays as it is, and the server says what is wrong with it. */
export function readLength(text: string): number | string {
  const trimmed = text.trim();
  if (!/^(\d+(d|h|ms|m|s))+$/.test(trimmed)) return trimmed;
  const sizes = new Map(UNITS);
  return [...trimmed.matchAll(/(\d+)(d|h|ms|m|s)/g)].reduce((sum, [, count, unit]) => sum + Number(count) * (sizes.get(unit ?? "") ?? 0), 0);
}
