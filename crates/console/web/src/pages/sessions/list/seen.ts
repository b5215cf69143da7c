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

export function markSeen(session: string, at: number): void {
  const held = read();
  if ((held[session] ?? -1) >= at) return;
  // The newest are kept: what is first in the record was seen longest ago.
  const others = Object.entries(held).filter(([id]) => id !== session);
  seen = Object.fromEntries([...others.slice(-KEPT_MAX + 1), [session, at]]);
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
