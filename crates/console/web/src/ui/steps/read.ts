// What steps were given and gave, read out of values whose form depends on the kind of the step.
import type { StepEvent } from "@/api/types";

/** An attempt of a step, as it is told in a stream or in a list. */
export type StepLike = StepEvent & { started_at?: number };

/** Returns a field of a value, when it is an object that has one. */
export function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>)[name] : undefined;
}

export function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

export function number(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}

/** Returns a command as its author would read it: with its values in their places. */
export function command(input: unknown): string | undefined {
  const written = text(field(input, "command")) ?? text(field(field(input, "arguments"), "command"));
  const env = field(input, "env") ?? field(field(input, "arguments"), "env");
  if (written === undefined || typeof env !== "object" || env === null) return written?.trim();
  return Object.entries(env)
    .reduce((line, [name, value]) => line.replaceAll(`"\${${name}}"`, String(value)), written)
    .trim();
}

/** What a command printed and how it ended. */
export interface Ended {
  stdout: string;
  stderr: string;
  exit: number | undefined;
  signal: string | undefined;
  timedOut: boolean;
  /** Whether more was printed than is kept in the output. */
  cut: boolean;
}

/** Reads how a command ended; none for what is not the output of a command. */
export function ended(output: unknown): Ended | undefined {
  if (field(output, "stdout") === undefined && field(output, "exitCode") === undefined) return undefined;
  return {
    stdout: text(field(output, "stdout")) ?? "",
    stderr: text(field(output, "stderr")) ?? "",
    exit: number(field(output, "exitCode")),
    signal: text(field(output, "signal")),
    timedOut: field(output, "timedOut") === true,
    cut: field(output, "stdoutCut") === true || field(output, "stderrCut") === true,
  };
}

const BRIEF_MAX = 120;

/** Cuts a text down to one line. */
export function brief(long: string, max = BRIEF_MAX): string {
  const line = long.trim().replace(/\s+/g, " ");
  return line.length > max ? `${line.slice(0, max - 1)}…` : line;
}

/** Writes any value in one line. */
export function inline(value: unknown, max = BRIEF_MAX): string {
  return brief(typeof value === "string" ? value : (JSON.stringify(value) ?? ""), max);
}

/** Says in a few words what a step is about: what it was given, or what came of it. */
export function about(step: StepLike): string | undefined {
  const { input, output } = step;
  switch (step.kind) {
    case "bash":
      return command(input);
    case "agent_prompt":
      return text(field(input, "prompt"));
    case "tool":
      return command(input) ?? call(input);
    case "notify":
      return text(field(input, "content"));
    case "approval":
      return text(field(input, "prompt"));
    case "conditional": {
      const condition = text(field(input, "condition"));
      if (condition === undefined) return undefined;
      return `${condition} ${field(input, "holds") === true ? "holds" : "does not hold"}`;
    }
    case "loop": {
      const items = number(field(input, "items")) ?? number(field(output, "iterations"));
      const condition = text(field(input, "while"));
      return condition !== undefined ? `while ${condition}` : items !== undefined ? counted(items, "item") : undefined;
    }
    case "parallel": {
      const branches = field(input, "branches");
      return Array.isArray(branches) ? counted(branches.length, "branch") : undefined;
    }
    case "wait": {
      const event = text(field(input, "event"));
      return event !== undefined ? `for the event ${event}` : undefined;
    }
    case "set":
      return typeof output === "object" && output !== null ? Object.keys(output).join(", ") : undefined;
    case "stop":
      return text(field(output, "reason")) ?? text(field(output, "status"));
    default:
      return undefined;
  }
}

/** A call in one line: the tool, and what it was given. */
function call(input: unknown): string | undefined {
  const tool = text(field(input, "tool"));
  const given = field(input, "arguments");
  const empty = typeof given !== "object" || given === null || Object.keys(given).length === 0;
  return tool === undefined || empty ? tool : `${tool} ${inline(given)}`;
}

/** Begins a sentence of the server's with a capital letter. */
export const capital = (sentence: string): string => sentence.charAt(0).toUpperCase() + sentence.slice(1);

export function counted(count: number, noun: string): string {
  const plural = /(?:ch|sh|s|x)$/.test(noun) ? `${noun}es` : `${noun}s`;
  return `${count} ${count === 1 ? noun : plural}`;
}

/** Writes a number of tokens: `950`, `1.2k`, `34k`. */
export function tokens(count: number): string {
  if (count < 1000) return String(count);
  return count < 10_000 ? `${(count / 1000).toFixed(1)}k` : `${Math.round(count / 1000)}k`;
}

/** Tells whether nothing more happens to this attempt. */
export const isOver = (step: StepLike): boolean =>
  step.phase === "completed" || step.phase === "failed" || step.phase === "skipped" || step.phase === "reused" || step.phase === "cancelled";

/** Returns when an attempt was asked for, as far as it is known. */
export function began(step: StepLike): number | undefined {
  if (step.started_at !== undefined) return step.started_at;
  if (step.duration_ms !== undefined && step.duration_ms !== null) return step.at - step.duration_ms;
  return step.phase === "started" ? step.at : undefined;
}
