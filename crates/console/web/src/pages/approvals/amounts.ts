// Amounts of what budgets measure, as people write and read them.
import type { Schemas } from "@/api/types";
import { span } from "@/ui/time";

type Allowance = Schemas["Allowance"];
type Used = Schemas["Used"];
export type Field = keyof Allowance;

interface MeasureOf {
  field: Field;
  measure: Schemas["Measure"];
  word: string;
  hint: string;
}

export const measures: readonly MeasureOf[] = [
  { field: "tokens", measure: "tokens", word: "Tokens", hint: "That models read and wrote." },
  { field: "cost_usd", measure: "cost", word: "Cost", hint: "US dollars, by the server’s prices." },
  { field: "time_ms", measure: "time", word: "Time", hint: "Minutes that runners were at work." },
  { field: "turns", measure: "turns", word: "Turns", hint: "Prompts that were handed to an agent." },
  { field: "tool_calls", measure: "tool_calls", word: "Tool calls", hint: "Calls that agents made." },
];

const number = new Intl.NumberFormat();

/** Says an amount. */
export function amount(field: Field, value: number): string {
  if (field === "cost_usd") return `$${value.toFixed(value < 1 && value !== 0 ? 4 : 2)}`;
  if (field === "time_ms") return value === 0 ? "0 min" : span(value);
  return number.format(value);
}

const units: Partial<Record<Field, [string, string]>> = { tokens: ["token", "tokens"], turns: ["turn", "turns"], tool_calls: ["tool call", "tool calls"] };

/** Says an amount with what it is of. */
export function counted(field: Field, value: number): string {
  const [one, many] = units[field] ?? ["", ""];
  return `${amount(field, value)} ${value === 1 ? one : many}`.trim();
}

export interface Bar {
  field: Field;
  word: string;
  used: number;
  /** What may be used, with what people have allowed beyond it. */
  of: number;
  raised: number;
}

/** Returns what a budget limits, and how far each is used. */
export function bars(budget: { allowance: Allowance; raised: Used; used: Used }): Bar[] {
  return measures.flatMap(({ field, word }) => {
    const allowed = budget.allowance[field];
    if (allowed === null || allowed === undefined) return [];
    const raised = budget.raised[field];
    return [{ field, word, used: budget.used[field], of: allowed + raised, raised }];
  });
}

const MINUTE = 60_000;

/** Reads an allowance from what was typed, by field; what is empty has no limit. Time is typed in minutes. */
export function readAllowance(typed: Readonly<Partial<Record<Field, string>>>): Allowance {
  const allowance: Allowance = {};
  for (const { field } of measures) {
    const text = typed[field]?.trim() ?? "";
    if (text === "") continue;
    const value = Number(text);
    allowance[field] = field === "time_ms" ? Math.round(value * MINUTE) : value;
  }
  return allowance;
}

/** Writes an allowance as it is typed. */
export function writeAllowance(allowance: Allowance): Partial<Record<Field, string>> {
  const typed: Partial<Record<Field, string>> = {};
  for (const { field } of measures) {
    const value = allowance[field];
    if (value !== null && value !== undefined) typed[field] = String(field === "time_ms" ? value / MINUTE : value);
  }
  return typed;
}
