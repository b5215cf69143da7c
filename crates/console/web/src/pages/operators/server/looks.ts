// Looks at the server: one on a click, and one when the feed has news, so that the charts move while something happens.
import { useCallback, useEffect, useRef, useState } from "react";
import type { WriterFigures } from "@/api/types";
import { feed } from "@/live/feed";
import { admin } from "../data/admin";
import type { Look } from "./figures";
import { read } from "./figures";

const LOOKS_MAX = 240;
/** News that come closer to each other share a look. */
const PAUSE_MS = 1_500;

export interface Looks {
  looks: readonly Look[];
  writer: WriterFigures | null;
  busy: boolean;
  error: unknown;
  look: () => void;
}

export function useLooks(follow: boolean): Looks {
  const [state, setState] = useState<Omit<Looks, "look">>({ looks: [], writer: null, busy: false, error: null });
  const under = useRef(false);
  const here = useRef(true);
  const look = useCallback(() => {
    if (under.current) return;
    under.current = true;
    setState((now) => ({ ...now, busy: true }));
    Promise.all([admin.writer(), admin.metrics()])
      .then(
        ([writer, text]) => {
          const taken = { at: Date.now(), figures: read(text) };
          if (here.current) setState((now) => ({ looks: [...now.looks.slice(1 - LOOKS_MAX), taken], writer, busy: false, error: null }));
        },
        (error: unknown) => {
          if (here.current) setState((now) => ({ ...now, busy: false, error }));
        },
      )
      .finally(() => {
        under.current = false;
      });
  }, []);
  useEffect(() => {
    here.current = true;
    look();
    return () => {
      here.current = false;
    };
  }, [look]);
  useEffect(() => {
    if (!follow) return;
    let due: ReturnType<typeof setTimeout> | undefined;
    const end = feed.listen((event) => {
      // That the feed is live again is news, too: the server may be another one.
      if (event.type === "list" || event.type === "error") return;
      due ??= setTimeout(() => {
        due = undefined;
        look();
      }, PAUSE_MS);
    });
    return () => {
      end();
      clearTimeout(due);
    };
  }, [follow, look]);
  return { ...state, look };
}
