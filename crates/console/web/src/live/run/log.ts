// What commands print while they run, by the turn that runs them. A session tells it; only the output of tools is kept here. Pure.
import type { ClientEvent, SessionView, TurnView } from "@/api/types";

interface Printed {
  text: string;
  /** In UTF-8, as the offsets of the pieces are counted. */
  bytes: number;
}

/** What each turn has printed, by the parts of its message. */
export type Logs = ReadonlyMap<string, ReadonlyMap<number, Printed>>;

export const noLogs: Logs = new Map();

/** A page that shows a log needs its end. */
const TEXT_MAX = 200_000;
const bytesOf = (text: string): number => new TextEncoder().encode(text).length;

export function foldLogs(logs: Logs, event: ClientEvent): Logs {
  switch (event.type) {
    case "init":
    case "resync":
      return pictured(event.session);
    case "message.part.text-delta": {
      if (event.kind !== "output") return logs;
      const turn = new Map(logs.get(event.turn));
      const before = turn.get(event.part) ?? { text: "", bytes: event.offset };
      const after = grown(before, event.offset, event.text);
      return after === before ? logs : new Map(logs).set(event.turn, turn.set(event.part, after));
    }
    default:
      return logs;
  }
}

function pictured(session: SessionView): Logs {
  return new Map(session.turns.map((turn: TurnView) => [turn.turn, printedBy(turn)]));
}

function printedBy(turn: TurnView): Map<number, Printed> {
  const printed = new Map<number, Printed>();
  for (const [place, part] of Object.entries(turn.parts)) {
    if (part.type === "tool_call" && part.output) printed.set(Number(place), { text: part.output, bytes: bytesOf(part.output) });
  }
  return printed;
}

/** Adds a piece; what has come before is left out of it. */
function grown(before: Printed, offset: number, text: string): Printed {
  const bytes = new TextEncoder().encode(text);
  const end = offset + bytes.length;
  if (end <= before.bytes) return before;
  const fresh = offset >= before.bytes ? text : new TextDecoder().decode(bytes.slice(before.bytes - offset));
  return { text: (before.text + fresh).slice(-TEXT_MAX), bytes: end };
}

/** Returns what a turn has printed so far; nothing when nobody has told of it. */
export function logOf(logs: Logs, turn: string): string | undefined {
  const parts = logs.get(turn);
  return parts && [...parts].sort(([a], [b]) => a - b).map(([, printed]) => printed.text).join("");
}
