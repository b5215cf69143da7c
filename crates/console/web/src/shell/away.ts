// Whether the server is there, as people want to know it: since when it is away, and that it is back.
import { useEffect, useState } from "react";
import { useFeedLine } from "@/live/feed";
import type { LineState } from "@/live/line";

export type Presence =
  | { is: "there" }
  /** The first connection is being made. */
  | { is: "coming" }
  | { is: "away"; why: string }
  /** It was away a moment ago. */
  | { is: "back" }
  | { is: "over"; why: string };

/** Takes the next state of the line in. A line that is being made anew after a loss is still away. */
export function next(before: Presence, line: LineState): Presence {
  switch (line.is) {
    case "live":
      return before.is === "away" ? { is: "back" } : before.is === "back" ? before : { is: "there" };
    case "connecting":
      return before.is === "away" ? before : before.is === "coming" ? before : { is: "away", why: "The connection was lost." };
    case "waiting":
      return { is: "away", why: line.why };
    case "ended":
      return { is: "over", why: line.why };
  }
}

/** How long it is said that the server is back. */
const BACK_MS = 4_000;

export function usePresence(): Presence {
  const line = useFeedLine();
  const [{ heard, presence }, setState] = useState<{ heard: LineState | null; presence: Presence }>({ heard: null, presence: { is: "coming" } });
  if (heard !== line) setState({ heard: line, presence: next(presence, line) });
  const back = presence.is === "back";
  useEffect(() => {
    if (!back) return;
    const over = setTimeout(() => setState((now) => (now.presence.is === "back" ? { ...now, presence: { is: "there" } } : now)), BACK_MS);
    return () => clearTimeout(over);
  }, [back]);
  return presence;
}
