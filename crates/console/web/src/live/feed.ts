// The owner's feed: the rows of all lists, pushed. Every list and every badge of the console reads them here.
import type { ExecutionRow, FeedEvent, FeedRunner, ListRow, Schemas, SessionRow, Waiting } from "@/api/types";
import type { LineState } from "./line";
import { Line } from "./line";
import { Store, sameItems, useStore } from "./store";

/** What a row of each list holds. */
export interface Rows {
  session: SessionRow & { owner: string };
  question: { session: string; thread: string; text: string };
  token: { id: string; name: string };
  workflow: Schemas["WorkflowRow"];
  execution: ExecutionRow;
  approval: Waiting;
  trigger: Schemas["TriggerRow"];
  sandbox: Schemas["SandboxRow"];
  runner: FeedRunner;
}
export type ListName = keyof Rows;

type Lists = Readonly<Record<string, ReadonlyMap<string, ListRow>>>;

export interface FeedState {
  lists: Lists;
  /** Whether a picture has come at all. */
  known: boolean;
  line: LineState;
}

export const emptyFeed: FeedState = { lists: {}, known: false, line: { is: "connecting" } };

/** Takes one piece of news in. Every piece may come twice. */
export function foldFeed(state: FeedState, event: FeedEvent): FeedState {
  switch (event.type) {
    case "snapshot": {
      const lists: Record<string, Map<string, ListRow>> = {};
      for (const row of event.rows) (lists[row.list] ??= new Map()).set(row.id, row);
      // Runners are told apart from the rest.
      const runner = state.lists.runner;
      return { ...state, known: true, lists: runner === undefined ? lists : { runner, ...lists } };
    }
    case "row":
      return { ...state, lists: { ...state.lists, [event.row.list]: new Map(state.lists[event.row.list]).set(event.row.id, event.row) } };
    case "row.gone": {
      const list = new Map(state.lists[event.list]);
      list.delete(event.id);
      return { ...state, lists: { ...state.lists, [event.list]: list } };
    }
    case "list":
      return { ...state, lists: { ...state.lists, [event.list]: new Map(event.rows.map((row) => [row.id, row])) } };
    default:
      return state;
  }
}

type Listener = (event: FeedEvent) => void;

/** The one feed of this tab. */
class Feed {
  readonly store = new Store<FeedState>(emptyFeed);
  readonly #listeners = new Set<Listener>();
  #line: Line<FeedEvent> | null = null;

  /** Begins to listen, and returns how to end it. */
  start(): () => void {
    const { store } = this;
    this.#line = new Line<FeedEvent>({
      path: "/api/feed",
      subprotocol: "tenure.feed.v1",
      hear: (event) => {
        store.set(foldFeed(store.now, event));
        for (const listener of this.#listeners) listener(event);
      },
      state: (line) => store.set({ ...store.now, line }),
    });
    return () => {
      this.#line?.close();
      this.#line = null;
      store.set(emptyFeed);
    };
  }

  /** Has somebody hear each piece of news as it comes. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

export const feed = new Feed();

/** Returns the rows of a list, newest first. */
export function useRows<L extends ListName>(list: L): Rows[L][] {
  return useStore(feed.store, pickers[list] as (state: FeedState) => Rows[L][], sameItems);
}

/** Returns one row of a list, when the feed has it. Older ones than the newest 200 it may not have. */
export function useRow<L extends ListName>(list: L, id: string | undefined): Rows[L] | undefined {
  return useStore(feed.store, (state) => (id === undefined ? undefined : (state.lists[list]?.get(id)?.row as Rows[L] | undefined)));
}

/** Tells whether the feed has told what there is. */
export function useFeedKnown(): boolean {
  return useStore(feed.store, known);
}

export function useFeedLine(): LineState {
  return useStore(feed.store, line);
}

const known = (state: FeedState) => state.known;
const line = (state: FeedState) => state.line;
const sorted = (list: string) => (state: FeedState) =>
  [...(state.lists[list]?.values() ?? [])].sort((a, b) => b.rank - a.rank || (a.id < b.id ? 1 : -1)).map((row) => row.row);
const pickers: Record<string, (state: FeedState) => unknown[]> = Object.fromEntries(
  ["session", "question", "token", "workflow", "execution", "approval", "trigger", "sandbox", "runner"].map((list) => [list, sorted(list)]),
);
