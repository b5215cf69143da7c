// What operators see live: how each actor stands that has stirred, and the writer's figures of the last minutes. One line for all who look.
import { useEffect } from "react";
import { api, ask } from "@/api/client";
import type { ActorStir, AdminEvent, WriterFigures } from "@/api/types";
import type { LineState } from "./line";
import { Line } from "./line";
import { Store, useStore } from "./store";

/** How long figures are kept. */
export const KEPT_MS = 120_000;
/** How many actors are kept; the one that has been quiet longest goes first. */
export const ACTORS_MAX = 2_000;

export interface FiguresAt {
  at: number;
  figures: WriterFigures;
}

export interface AdminState {
  /** The newest of each actor by `kind/id`, the one that stirred last at the end. */
  actors: ReadonlyMap<string, ActorStir>;
  /** Oldest first. */
  figures: readonly FiguresAt[];
  /** How often listening has begun: what was looked at before it may be out of date. */
  begun: number;
  /** When more had stirred than was told, by this browser's clock; 0 when never. */
  moreAt: number;
  line: LineState;
}

export const noNews: AdminState = { actors: new Map(), figures: [], begun: 0, moreAt: 0, line: { is: "connecting" } };

export const keyOf = (actor: { kind: string; id: string }) => `${actor.kind}/${actor.id}`;

/** Takes one piece of news in, at a time by this browser's clock. */
export function foldAdmin(state: AdminState, event: AdminEvent, now: number): AdminState {
  switch (event.type) {
    case "live":
      // What has stirred in the meantime was not told, so nothing that was told before is known to be true still.
      return { ...state, actors: new Map(), begun: state.begun + 1, moreAt: 0 };
    case "figures": {
      const { at, figures } = event;
      const kept = state.figures.filter((known) => known.at < at && known.at > at - KEPT_MS);
      return { ...state, figures: [...kept, { at, figures }] };
    }
    case "actors": {
      const actors = new Map(state.actors);
      for (const actor of [...event.actors].sort((a, b) => a.at - b.at)) {
        actors.delete(keyOf(actor));
        actors.set(keyOf(actor), actor);
      }
      for (const key of actors.keys()) {
        if (actors.size <= ACTORS_MAX) break;
        actors.delete(key);
      }
      return { ...state, actors, moreAt: event.more ? now : state.moreAt };
    }
    default:
      return state;
  }
}

/** The one line of this tab, open while somebody looks. */
class AdminLine {
  readonly store = new Store<AdminState>(noNews);
  #line: Line<AdminEvent> | null = null;
  #looking = 0;

  readonly look = (): (() => void) => {
    const { store } = this;
    this.#looking += 1;
    this.#line ??= new Line<AdminEvent>({
      path: "/admin/live",
      subprotocol: "tenure.admin.v1",
      hear: (event) => store.set(foldAdmin(store.now, event, Date.now())),
      state: (line) => store.set({ ...store.now, line }),
      probe: () => ask(api.GET("/admin/writer")),
    });
    return () => {
      this.#looking -= 1;
      if (this.#looking > 0) return;
      this.#line?.close();
      this.#line = null;
      store.set(noNews);
    };
  };
}

const line = new AdminLine();

/** Looks at a part of what operators see live, for as long as the component is there. */
export function useAdmin<T>(pick: (state: AdminState) => T): T {
  useEffect(() => line.look(), []);
  return useStore(line.store, pick);
}
