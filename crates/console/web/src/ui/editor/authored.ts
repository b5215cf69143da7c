// Writes a stored definition as a person would: names as keys, lengths of time with units, and nothing that holds anyway.
import { stringify } from "yaml";
import { isFields } from "@/ui/flow/steps";

type Fields = Record<string, unknown>;

const UNITS = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1_000],
  ["ms", 1],
] as const;

/** Writes a length of time as definitions do: `1h30m`. */
export function spanText(ms: number): string {
  let rest = ms;
  let text = "";
  for (const [word, unit] of UNITS) {
    if (rest < unit) continue;
    text += `${Math.floor(rest / unit)}${word}`;
    rest %= unit;
  }
  return text === "" ? "0s" : text;
}

const FIRST_OF_ALL = ["name", "slug", "description", "version", "tags", "inputs", "timeout", "max_steps", "concurrency", "budget", "runner", "failure_notify", "constraints"];
const FIRST_OF_STEP = ["id", "name", "type", "if"];
const LAST_OF_STEP = ["output", "timeout", "retry", "idempotent", "continue_on_error", "on_unknown", "collect", "steps", "branches", "then", "else", "catch"];

/** What a definition says by saying nothing. */
const GIVEN_OF_ALL: Fields = { max_steps: 50, failure_notify: "orchestrator", constraints: { allow_self_modification: false }, tags: [] };
const GIVEN_OF_STEP: Fields = { on_unknown: "ask", idempotent: false, continue_on_error: false };
const GIVEN_OF: Record<string, Fields> = {
  agent_prompt: { await_response: true, interrupt: false },
  approval: { on_timeout: "deny", on_deny: "cancel" },
  loop: { item: "item", index: "index", concurrency: 1, max_items: 1000, on_failure: "fail_fast" },
  notify: { target: "orchestrator" },
  parallel: { on_failure: "fail_fast" },
  wait: { on_timeout: "fail" },
};

/** Returns a definition in the form in which people write it. */
export function authored(definition: unknown): unknown {
  if (!isFields(definition)) return definition;
  const { steps, inputs, outputs, ...rest } = definition;
  const whole: Fields = { ...spoken(without(rest, GIVEN_OF_ALL)), ...named("inputs", inputs, inputOf), ...list("steps", steps), ...named("outputs", outputs, (one) => one.value) };
  if (isFields(whole.budget)) whole.budget = spoken(whole.budget);
  return ordered(whole, FIRST_OF_ALL, ["steps", "outputs"]);
}

/** Returns a stored definition as YAML. */
export function authoredText(definition: unknown): string {
  return stringify(authored(definition), { lineWidth: 0, blockQuote: "literal" });
}

function stepOf(value: unknown): unknown {
  if (!isFields(value)) return value;
  const type = String(value.type);
  const { steps, then, else: otherwise, catch: caught, branches, items, output_schema: schema, retry, ...rest } = value;
  const step: Fields = {
    ...spoken(without(rest, { ...GIVEN_OF_STEP, ...GIVEN_OF[type] })),
    ...named("items", items, (one) => one.value),
    ...named("output_schema", schema, ({ name: _, ...field }) => field),
    ...(retry === undefined ? {} : { retry: retryOf(retry) }),
    ...list("steps", steps),
    ...named("branches", branches, (one) => listOf(one.steps)),
    ...list("then", then),
    ...list("else", otherwise),
    ...list("catch", caught),
  };
  return ordered(step, FIRST_OF_STEP, LAST_OF_STEP);
}

const listOf = (steps: unknown): unknown => (Array.isArray(steps) ? steps.map(stepOf) : steps);
const list = (name: string, steps: unknown): Fields => (steps === undefined || (Array.isArray(steps) && steps.length === 0) ? {} : { [name]: listOf(steps) });

function inputOf({ name: _, required, ...rest }: Fields): unknown {
  return required === true ? { ...rest, required } : rest;
}

function retryOf(retry: unknown): unknown {
  return isFields(retry) && isFields(retry.backoff) ? { ...retry, backoff: spoken(retry.backoff) } : retry;
}

/** Brings a list of things with names into the form with the names as keys, unless that would change their order. */
function named(field: string, value: unknown, rest: (one: Fields) => unknown): Fields {
  if (value === undefined || (Array.isArray(value) && value.length === 0)) return {};
  const entries = Array.isArray(value) ? value : [];
  const keyed = entries.every((one) => isFields(one) && typeof one.name === "string" && !/^\d+$/.test(one.name) && one.name !== "__proto__");
  if (!Array.isArray(value) || !keyed) return { [field]: value };
  return { [field]: Object.fromEntries(entries.map((one: Fields) => [String(one.name), rest(one)])) };
}

/** Writes `timeout_ms: 60000` as `timeout: 1m`. */
function spoken(fields: Fields): Fields {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => (name.endsWith("_ms") && typeof value === "number" ? [name.slice(0, -3), spanText(value)] : [name, value])),
  );
}

function without(fields: Fields, given: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([name, value]) => !(name in given) || JSON.stringify(given[name]) !== JSON.stringify(value)));
}

function ordered(fields: Fields, first: readonly string[], last: readonly string[]): Fields {
  const rank = (name: string) => (first.includes(name) ? first.indexOf(name) : last.includes(name) ? 1000 + last.indexOf(name) : 500);
  return Object.fromEntries(Object.entries(fields).sort(([a], [b]) => rank(a) - rank(b)));
}
