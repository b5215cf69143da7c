// What was seen last in each session, kept in this browser: what changed since is unread.
import { useEffect, useSyncExternalStore } from "react";
import { useRow } from "@/live/feed";

const KEY = "tenure.seen";
const KEPT_MAX = 2_000;

type Seen = Readonly<Record<string, number>>;

const listeners = new Set<() => void>();
let seen: Seen | null = null;

function read(): Seen {
  if (seen === null) {
    try {
      seen = JSON.parse(localStorage.getItem(KEY) ?? "{}") as Seen;
    } catch {
      seen = {};
    }
  }
  return seen;
}

function changed(): void {
  for (const listener of listeners) listener();
}

// Reading in one tab is seen by the others.
if (typeof window !== "undefined") {
  window.addEventListener("storage", (event) => {
    if (event.key !== KEY) return;
    seen = null;
    changed();
  });
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Before the first look at the list nothing counts as new. */
const START = "";

/** Tells whether something has changed in a session since it was looked at. */
export function isUnread(held: Seen, session: string, updatedAt: number): boolean {
  return updatedAt > (held[session] ?? held[START] ?? Infinity);
}

/** Begins to keep account, once in each browser. */
export function beginSeen(now: number): void {
  if (!(START in read())) markSeen(START, now);
}

export function markSeen(session: string, at: number): void {
  const held = read();
  if ((held[session] ?? -1) >= at) return;
  // The newest are kept: what is first in the record was seen longest ago.
  const others = Object.entries(held).filter(([id]) => id !== session && id !== START);
  const start = held[START] === undefined ? [] : [[START, held[START]]];
  seen = Object.fromEntries([...start, ...others.slice(-KEPT_MAX + 1), [session, at]]);
  localStorage.setItem(KEY, JSON.stringify(seen));
  changed();
}

export function useAllSeen(): Seen {
  return useSyncExternalStore(subscribe, read);
}

/** Marks a session as seen while somebody looks at it. */
export function useSeen(session: string): void {
  const at = useRow("session", session)?.updated_at;
  useEffect(() => {
    if (at === undefined) return;
    const look = () => {
      if (!document.hidden) markSeen(session, at);
    };
    look();
    document.addEventListener("visibilitychange", look);
    return () => document.removeEventListener("visibilitychange", look);
  }, [session, at]);
}
