// What a transcript shows, in order: finished messages, then the open turns, then what is on its way.
import type { Message } from "@/api/types";
import type { Item } from "@/live/chat/items";
import type { SentPrompt } from "@/live/chat/outbox";
import { WHOLE } from "@/live/chat/pages";
import type { ChatState, OpenTurn } from "@/live/chat/state";
import { defaultThread } from "@/live/chat/state";

/** What is said and done, and what is on its way. An open turn is looked up where it is shown: it changes with every word. */
export type Entry = Item | { key: string; sent: SentPrompt };

/** Returns the lane that a thread is read by: with one thread that is the whole session. */
export function laneOf(state: ChatState, thread: string | undefined): string {
  return thread === undefined || thread === defaultThread(state.threads) ? WHOLE : thread;
}

/** Returns the messages of a thread, as far back as they are known without a hole. */
export function messagesOf(state: ChatState, thread: string | undefined): Message[] {
  const lane = laneOf(state, thread);
  const from = state.lanes[lane]?.from ?? Infinity;
  const main = lane === WHOLE;
  const others = new Set(state.threads.filter((one) => one.id !== thread).map((one) => one.id));
  // The steps of runs have threads of their own, which close; they belong to the main one.
  const here = (message: Message) => (main ? message.step != null || !others.has(message.thread) : message.thread === thread);
  return state.messages.filter((message) => message.seq >= from && here(message));
}

/** Returns the open turns of a thread, oldest first. */
export function turnsOf(state: ChatState, thread: string | undefined): OpenTurn[] {
  const main = laneOf(state, thread) === WHOLE;
  return [...state.turns.values()].filter((turn) => turn.thread === thread || (main && turn.step != null)).sort((a, b) => a.started_at - b.started_at);
}

export function entriesOf(items: readonly Item[], sent: readonly SentPrompt[]): readonly Entry[] {
  return sent.length === 0 ? items : [...items, ...sent.map((one) => ({ key: one.id, sent: one }))];
}
