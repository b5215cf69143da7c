// One open turn: text is added by its offset in bytes, tool calls replace themselves.
import type { Part, Schemas, ToolCall, TurnView } from "@/api/types";
import type { OpenTurn } from "./state";

type TextKind = Schemas["TextKind"];
export type ToolPart = Extract<Part, { type: "tool_call" }>;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

/** Counts the bytes of a text in UTF-8. */
export function bytesOf(text: string): number {
  let bytes = 0;
  for (let n = 0; n < text.length; n += 1) {
    const unit = text.charCodeAt(n);
    if (unit < 0x80) bytes += 1;
    else if (unit < 0x800) bytes += 2;
    else if (unit >= 0xd800 && unit < 0xdc00) {
      bytes += 4;
      n += 1;
    } else bytes += 3;
  }
  return bytes;
}

/** Cuts the first `bytes` bytes off; undefined when that would cut a character in two. */
function without(text: string, bytes: number): string | undefined {
  if (bytes === 0) return text;
  try {
    return decoder.decode(encoder.encode(text).subarray(bytes));
  } catch {
    return undefined;
  }
}

/** A turn of which nothing was told yet. */
export function freshTurn(turn: string, thread: string, step: TurnView["step"], startedAt: number): OpenTurn {
  return { turn, thread, step: step ?? null, phase: "offering", status: "idle", parts: {}, bytes: {}, usage: {}, started_at: startedAt };
}

/** Takes a turn as a picture shows it. */
export function picturedTurn(view: TurnView): OpenTurn {
  const bytes = Object.fromEntries(Object.entries(view.parts).map(([at, part]) => [at, bytesOf(streamed(part) ?? "")]));
  return { ...view, bytes };
}

/** Returns the text of a part that grows. */
function streamed(part: Part): string | undefined {
  switch (part.type) {
    case "text":
    case "reasoning":
      return part.text;
    case "tool_call":
      return part.output ?? "";
    default:
      return undefined;
  }
}

/** Output may come before its call is described; the description takes this place. */
const undescribed: ToolPart = { type: "tool_call", call: "", tool: "", status: "pending" };

function emptyPart(kind: TextKind): Part {
  return kind === "output" ? undescribed : { type: kind, text: "" };
}

function fits(part: Part, kind: TextKind): boolean {
  return kind === "output" ? part.type === "tool_call" : part.type === kind;
}

/** Adds streamed text; null when something before it is missing. */
export function addText(turn: OpenTurn, at: number, kind: TextKind, offset: number, text: string): OpenTurn | null {
  const part = turn.parts[at] ?? emptyPart(kind);
  if (!fits(part, kind)) return null;
  const held = turn.bytes[at] ?? 0;
  if (offset > held) return null;
  const size = bytesOf(text);
  if (offset + size <= held) return turn;
  const fresh = without(text, held - offset);
  if (fresh === undefined) return null;
  const whole = (streamed(part) ?? "") + fresh;
  const grown: Part = part.type === "tool_call" ? { ...part, output: whole } : ({ ...part, text: whole } as Part);
  return { ...turn, parts: { ...turn.parts, [at]: grown }, bytes: { ...turn.bytes, [at]: offset + size } };
}

/** Takes a tool call as it stands now; its output stays. */
export function setCall(turn: OpenTurn, at: number, call: ToolCall): OpenTurn {
  const held = turn.parts[at];
  const output = held?.type === "tool_call" ? held.output : undefined;
  const part: ToolPart = { ...call, type: "tool_call", ...(output === undefined ? {} : { output }) };
  return { ...turn, parts: { ...turn.parts, [at]: part } };
}

/** Returns the parts in their order, each with its place. */
export function partsOf(turn: TurnView): { at: number; part: Part }[] {
  return Object.entries(turn.parts)
    .map(([at, part]) => ({ at: Number(at), part }))
    .sort((a, b) => a.at - b.at);
}
