// Listens for the keys of the frame, wherever the focus is.
import { useEffect, useRef, useState } from "react";
import { useRouter } from "@tanstack/react-router";
import type { Chord } from "./keys";
import { CHORD_MAX_MS, isTaken, press } from "./keys";

interface Doing {
  palette: () => void;
  help: () => void;
  fold: () => void;
}

/** Carries out what keys ask for; returns whether a `g` waits for its second key. */
export function useShortcuts(doing: Doing): boolean {
  const router = useRouter();
  const now = useRef(doing);
  const [waits, setWaits] = useState(false);
  useEffect(() => {
    now.current = doing;
  });
  useEffect(() => {
    let chord: Chord = null;
    let over: ReturnType<typeof setTimeout> | undefined;
    const hear = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing || ["Shift", "Control", "Meta", "Alt"].includes(event.key)) return;
      const ctrl = event.ctrlKey || event.metaKey;
      const pressed = { key: event.key, ctrl, alt: event.altKey, taken: isTaken(event.target, ctrl), at: event.timeStamp };
      const answer = press(chord, pressed);
      chord = answer.chord;
      setWaits(chord !== null);
      clearTimeout(over);
      if (chord !== null) over = setTimeout(() => setWaits(false), CHORD_MAX_MS);
      if (answer.wish === null) return;
      event.preventDefault();
      // The page has keys of its own, which this one is none of: it was the second of two.
      event.stopPropagation();
      if (typeof answer.wish === "object") router.history.push(answer.wish.go);
      else now.current[answer.wish]();
    };
    document.addEventListener("keydown", hear);
    return () => {
      document.removeEventListener("keydown", hear);
      clearTimeout(over);
    };
  }, [router]);
  return waits;
}
