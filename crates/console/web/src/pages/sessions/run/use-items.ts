// The feed of the session that is shown, kept in order while it grows.
import { useMemo, useState } from "react";
import type { Feed, Item, Merged } from "@/live/chat/items";
import { emptyFeed, merge } from "@/live/chat/items";
import { WHOLE } from "@/live/chat/pages";
import { noRuns } from "@/live/chat/runs";
import type { ChatState } from "@/live/chat/state";
import { defaultThread } from "@/live/chat/state";
import type { OpenHead } from "@/live/chat/tree";
import { useKnown } from "../context";
import { useRuns } from "./runs";

/** Keeps what was merged last, so that what has not changed stays the same. */
class Merger {
  #last: Merged = emptyFeed;

  merge(feed: Feed): readonly Item[] {
    this.#last = merge(feed, this.#last);
    return this.#last.items;
  }
}

/**
 * Returns what the session shows: all of it (`""`), or one thread. The steps of runs stand in the whole and in the thread of
 * prompts that name none.
 */
export function useItems(lane: string = WHOLE): readonly Item[] {
  const messages = useKnown(messagesOf);
  const turns = useKnown(headsOf, sameHeads);
  const main = useKnown((state) => lane === WHOLE || lane === defaultThread(state.threads));
  const since = useKnown((state) => heldSince(state, lane));
  const { runs } = useRuns();
  const [merger] = useState(() => new Merger());
  return useMemo(() => {
    const here = (one: { thread: string; step?: { execution: string } | null | undefined }) => lane === WHOLE || one.thread === lane || (main && one.step != null && runs.has(one.step.execution));
    return merger.merge({ messages: messages.filter(here), turns: turns.filter(here), runs: main ? runs : noRuns, since });
  }, [merger, messages, turns, runs, main, lane, since]);
}

const messagesOf = (state: ChatState) => state.messages;

/** From when on everything is held; undefined when that is from the beginning. */
function heldSince(state: ChatState, lane: string): number | undefined {
  const held = state.lanes[lane] ?? state.lanes[WHOLE];
  if (held === undefined) return Infinity;
  return held.before === null ? undefined : state.messages.find((message) => message.seq >= held.from)?.at;
}

const headsOf = (state: ChatState): OpenHead[] =>
  [...state.turns.values()].map((turn) => ({ turn: turn.turn, thread: turn.thread, step: turn.step ?? undefined, started_at: turn.started_at }));

function sameHeads(a: readonly OpenHead[], b: readonly OpenHead[]): boolean {
  return a.length === b.length && a.every((one, n) => one.turn === b[n]?.turn);
}
