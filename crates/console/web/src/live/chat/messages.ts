// The finished messages that are held: in order, each once, wherever they came from.
import type { Message } from "@/api/types";

/** What names a message. */
export const messageKey = (message: Message): string => `${message.seq}:${message.role}`;

/** One record can hold the end of a turn and the prompt of the next one, in this order. */
const rank = (message: Message): number => (message.role === "assistant" ? 0 : 1);

export function inOrder(a: Message, b: Message): number {
  return a.seq - b.seq || rank(a) - rank(b);
}

/** Adds messages; those that are held stay as they are. */
export function withMessages(held: readonly Message[], more: readonly Message[]): readonly Message[] {
  const last = held.at(-1);
  // Most often one comes at the end.
  const [only] = more;
  if (more.length === 1 && only !== undefined && (last === undefined || inOrder(last, only) < 0)) return [...held, only];
  const keys = new Set(held.map(messageKey));
  const fresh = more.filter((message) => {
    const key = messageKey(message);
    return keys.has(key) ? false : keys.add(key);
  });
  return fresh.length === 0 ? held : [...held, ...fresh].sort(inOrder);
}
