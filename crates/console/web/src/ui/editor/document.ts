// The text of a definition and what stands where in it: from a place in the text to keys and numbers, and back.
import type { Document, Node, Pair } from "yaml";
import { isMap, isPair, isScalar, isSeq, parseDocument, visit } from "yaml";
import type { FlowStep } from "@/ui/flow/steps";
import { allSteps } from "@/ui/flow/steps";
import type { At } from "./schema";

export interface Read {
  document: Document;
  /** What the text says; undefined while it is no YAML. */
  definition: unknown;
}

export function readText(text: string): Read {
  const document = parseDocument(text, { prettyErrors: false });
  return { document, definition: document.errors.length > 0 ? undefined : value(document) };
}

function value(document: Document): unknown {
  try {
    return document.toJS() as unknown;
  } catch {
    return undefined;
  }
}

interface Range {
  from: number;
  to: number;
}

/** Returns where in the text a place of the definition stands; where its key begins, when it has one. */
export function rangeOf(document: Document, at: At): Range | undefined {
  let node: unknown = document.contents;
  let begin: number | undefined;
  for (const key of at) {
    begin = undefined;
    if (isMap(node)) {
      const pair: Pair | undefined = node.items.find((one) => isScalar(one.key) && String(one.key.value) === String(key));
      begin = isScalar(pair?.key) ? pair.key.range?.[0] : undefined;
      node = pair?.value;
    } else if (isSeq(node) && typeof key === "number") {
      node = node.items[key];
    } else {
      return undefined;
    }
  }
  const range = (node as Node | null | undefined)?.range;
  if (!range) return begin === undefined ? undefined : { from: begin, to: begin };
  return { from: begin ?? range[0], to: range[1] };
}

/** Returns the place of the definition that a place in the text belongs to. */
export function placeAt(document: Document, offset: number): (string | number)[] {
  const at: (string | number)[] = [];
  let node: unknown = document.contents;
  for (;;) {
    if (isMap(node)) {
      const pair = node.items.find((one) => begins(one) <= offset && offset <= ends(one));
      if (!isScalar(pair?.key)) return at;
      at.push(String(pair.key.value));
      node = pair.value;
    } else if (isSeq(node)) {
      const index = node.items.findIndex((one) => begins(one) <= offset && offset <= ends(one));
      if (index === -1) return at;
      at.push(index);
      node = node.items[index];
    } else {
      return at;
    }
  }
}

function begins(node: unknown): number {
  const first = isPair(node) ? node.key : node;
  return (first as Node | null)?.range?.[0] ?? Number.POSITIVE_INFINITY;
}

/** Where a node ends, what stands behind it on its lines included. */
function ends(node: unknown): number {
  if (!isPair(node)) return (node as Node | null)?.range?.[2] ?? -1;
  return (node.value as Node | null)?.range?.[2] ?? (node.key as Node | null)?.range?.[2] ?? -1;
}

/** Returns the innermost step that a place of the definition belongs to. */
export function stepOfPlace(steps: readonly FlowStep[], at: At): FlowStep | undefined {
  const around = allSteps(steps).filter((step) => step.at.every((key, n) => String(at[n]) === String(key)));
  return around.reduce<FlowStep | undefined>((inner, step) => (inner === undefined || step.at.length > inner.at.length ? step : inner), undefined);
}

const MARK = "xCURSORx";

/** What is being written at the cursor. */
export type Writing =
  /** The key of a field in the object at `at`. */
  | { is: "key"; at: At; definition: unknown; there: string[] }
  /** The value at `at`. */
  | { is: "value"; at: At; definition: unknown }
  /** Somewhere inside the text at `at`. */
  | { is: "text"; at: At; definition: unknown };

/** Says what is being written at the cursor; `word` is how much of it stands before the cursor already. */
export function writingAt(text: string, offset: number, word: string): Writing | undefined {
  const start = offset - word.length;
  const line = text.slice(text.lastIndexOf("\n", start - 1) + 1, start);
  const rest = text.slice(offset).split("\n", 1)[0] ?? "";
  // At the beginning of a line a key is written, which is one only with its colon.
  const colon = /^\s*(- +)*$/.test(line) && !/^[\w-]*\s*:/.test(rest) ? ":" : "";
  const document = parseDocument(text.slice(0, start) + MARK + colon + text.slice(offset), { prettyErrors: false });
  let found: { is: Writing["is"]; at: (string | number)[]; there: string[] } | undefined;
  visit(document, {
    Scalar(role, node, path) {
      if (typeof node.value !== "string" || !node.value.includes(MARK)) return undefined;
      const parent = path.findLast((one) => isMap(one));
      const there = isMap(parent) ? parent.items.flatMap((one) => (isScalar(one.key) && !String(one.key.value).startsWith(MARK) ? [String(one.key.value)] : [])) : [];
      const whole = node.value.replace(/^["']/, "").startsWith(MARK) && !node.value.includes("\n");
      found = { is: role === "key" ? "key" : whole ? "value" : "text", at: keysOf(path, role === "key" ? "key" : role), there };
      return visit.BREAK;
    },
  });
  if (found === undefined) return undefined;
  const definition = value(document);
  return found.is === "key" ? { is: "key", at: found.at, definition, there: found.there } : { is: found.is, at: found.at, definition };
}

/** Turns the nodes around one into keys and numbers; of a key, those of the object that it stands in. */
function keysOf(path: readonly (Document | Node | Pair)[], role: number | "key" | "value" | null): (string | number)[] {
  const at: (string | number)[] = [];
  path.forEach((node, n) => {
    const next = path[n + 1];
    if (isSeq(node)) {
      const index = next === undefined ? role : node.items.indexOf(next);
      if (typeof index === "number") at.push(index);
    }
    if (isPair(node) && isScalar(node.key) && !(n === path.length - 1 && role === "key")) at.push(String(node.key.value));
  });
  return at;
}
