// The feed of the session that is shown, kept in order while it grows.
import { useMemo, useState } from "react";
import type { Message } from "@/api/types";
import type { Feed, Item, Merged } from "@/live/chat/items";
import { emptyFeed, merge } from "@/live/chat/items";
import { noRuns } from "@/live/chat/runs";
import type { OpenTurn } from "@/live/chat/state";
import type { OpenHead } from "@/live/chat/tree";
import { useRuns } from "./runs";

/** Keeps what was merged last, so that what has not changed stays the same. */
class Merger {
  #last: Merged = emptyFeed;

  merge(feed: Feed): readonly Item[] {
    this.#last = merge(feed, this.#last);
    return this.#last.items;
  }
}

interface ItemsOf {
  messages: readonly Message[];
  turns: readonly OpenHead[];
  /** Whether this is where runs are shown, rather than a thread beside. */
  main: boolean;
  /** From when on everything is held; undefined when that is from the beginning. */
  since: number | undefined;
}

/** Returns what is said and what the steps of runs do, in one order. */
export function useItems({ messages, turns, main, since }: ItemsOf): readonly Item[] {
  const runs = useRuns();
  const [merger] = useState(() => new Merger());
  return useMemo(() => merger.merge({ messages, turns, runs: main ? runs : noRuns, since }), [merger, messages, turns, runs, main, since]);
}

/** Returns what of open turns does not stream. */
export function headsOf(turns: readonly OpenTurn[]): OpenHead[] {
  return turns.map((turn) => ({ turn: turn.turn, thread: turn.thread, step: turn.step ?? undefined, started_at: turn.started_at }));
}

export function sameHeads(a: readonly OpenHead[], b: readonly OpenHead[]): boolean {
  return a.length === b.length && a.every((one, n) => one.turn === b[n]?.turn);
}
