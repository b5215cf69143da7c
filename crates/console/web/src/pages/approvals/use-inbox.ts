// What waits, and what was settled while it was on the screen: nothing vanishes under the hand of who was about to decide.
import { useCallback, useEffect, useRef, useState } from "react";
import { ProblemError } from "@/api/problem";
import type { Waiting } from "@/api/types";
import { feed, useRows } from "@/live/feed";
import type { GrantMore, Settled, Verdict } from "./data";
import { decide, whoDecided } from "./data";
import { readable } from "./value";

/** One card: what is asked, and how it was settled when it was. */
export interface Asked {
  waiting: Waiting;
  settled: (Settled & { mine: boolean }) | null;
}

/** What the server says when it is decided already, or what has asked is over. */
const LATE: readonly string[] = ["approval_decided", "approval_unknown"];

type Ghosts = ReadonlyMap<string, Asked>;

/** Decides; it throws what the server refuses, but for being late, which is no mistake. */
export type Decide = (waiting: Waiting, decision: Verdict, reason: string | undefined, grant?: GrantMore) => Promise<void>;

export function useInbox() {
  const rows = useRows("approval");
  const [ghosts, setGhosts] = useState<Ghosts>(new Map());
  const seen = useRef(new Map<string, Waiting>());
  useEffect(() => {
    for (const row of rows) seen.current.set(row.id, row);
  }, [rows]);
  const settle = useCallback((waiting: Waiting, settled: Settled & { mine: boolean }) => {
    setGhosts((before) => {
      // What this person has decided is known best.
      const known = before.get(waiting.id);
      if (known?.settled?.mine === true && known.waiting.hash === waiting.hash && !settled.mine) return before;
      return new Map(before).set(waiting.id, { waiting, settled });
    });
  }, []);
  useEffect(
    () =>
      feed.listen((event) => {
        if (event.type !== "row.gone" || event.list !== "approval") return;
        const waiting = seen.current.get(event.id);
        if (waiting === undefined) return;
        settle(waiting, { mine: false });
        whoDecided(waiting).then(
          (told) => settle(waiting, { ...told, mine: false }),
          // Who decided is not everybody's to know; that it was decided is shown already.
          () => undefined,
        );
      }),
    [settle],
  );
  const answer: Decide = async (waiting, decision, reason, grant) => {
    try {
      const decided = await decide(waiting, decision, reason, grant);
      settle(waiting, { decision: decided.decision, by: decided.by?.name, reason: decided.reason ?? undefined, at: Date.now(), mine: true });
    } catch (error) {
      if (!(error instanceof ProblemError) || !LATE.includes(error.code)) throw error;
      const told = await whoDecided(waiting).catch(() => null);
      settle(waiting, { ...(told ?? { said: readable(error.problem.detail.replace(/^refused because /, "")) }), mine: false });
    }
  };
  // A late click is told before the feed tells; and a budget may ask anew under the same id, with another hash.
  const over = new Set([...ghosts.values()].map(({ waiting }) => `${waiting.id} ${waiting.hash}`));
  const isOver = (waiting: Waiting) => over.has(`${waiting.id} ${waiting.hash}`);
  const asksAnew = new Set(rows.filter((row) => !isOver(row)).map((row) => row.id));
  const asked: Asked[] = [
    ...rows.filter((row) => !isOver(row)).map((waiting) => ({ waiting, settled: null })),
    ...[...ghosts.values()].filter((ghost) => !asksAnew.has(ghost.waiting.id)),
  ];
  asked.sort((a, b) => b.waiting.asked_at - a.waiting.asked_at || (a.waiting.id < b.waiting.id ? 1 : -1));
  const dismiss = (id: string) => setGhosts((before) => new Map([...before].filter(([other]) => other !== id)));
  return { asked, answer, dismiss, dismissAll: () => setGhosts(new Map()), settledCount: asked.filter((one) => one.settled !== null).length };
}
