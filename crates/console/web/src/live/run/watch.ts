// Watching a run: its stream folded, what the stream leaves out asked for when it tells a change, and its past when it is looked at.
import { useEffect, useState } from "react";
import { api, ask } from "@/api/client";
import type { ClientEvent, ExecutionEvent, StepView } from "@/api/types";
import type { LineOptions, LineState } from "@/live/line";
import { Line } from "@/live/line";
import { Store, useStore } from "@/live/store";
import { foldPages, foldRun, foldWhole, noRun } from "./fold";
import type { RunState } from "./fold";
import type { HistoryState } from "./history";
import { foldHistory, noHistory, reopened } from "./history";
import type { Logs } from "./log";
import { foldLogs, noLogs } from "./log";

interface Watched {
  run: RunState;
  line: LineState;
}

const PAGE = "200";

/** Watches a run for as long as it is looked at. */
class Watch {
  readonly store = new Store<Watched>({ run: noRun, line: { is: "connecting" } });
  readonly #id: string;
  #asked = 0;
  #paging = false;
  #closed = false;

  constructor(id: string) {
    this.#id = id;
  }

  open(): () => void {
    this.#closed = false;
    const stream = lineOf(this.#id, "", {
      hear: (event) => {
        this.#fold((run) => foldRun(run, event));
        if (event.type === "live" || event.type === "run.updated" || event.type === "init") this.#askMore();
      },
      state: (line) => this.store.set({ ...this.store.now, line }),
    });
    return () => {
      this.#closed = true;
      stream.close();
    };
  }

  #fold(fold: (run: RunState) => RunState): void {
    const { now } = this.store;
    this.store.set({ ...now, run: fold(now.run) });
  }

  /** Asks for what the stream does not tell: what was used, and attempts that began before the picture. */
  #askMore(): void {
    const { run } = this.store.now;
    if (run.wholes > this.#asked) {
      this.#asked = run.wholes;
      // What cannot be had now is asked for with the next change.
      void ask(api.GET("/api/executions/{id}", { params: { path: { id: this.#id } } })).then(
        (whole) => !this.#closed && this.#fold((now) => foldWhole(now, whole)),
        () => (this.#asked = 0),
      );
    }
    if (!run.reaches && !this.#paging) void this.#readPages();
  }

  async #readPages(): Promise<void> {
    this.#paging = true;
    try {
      const steps = await allSteps(this.#id, () => this.#closed);
      this.#fold((run) => foldPages(run, steps));
    } catch {
      // The stream tells when the server is there again; then they are asked for anew.
    } finally {
      this.#paging = false;
    }
  }
}

type Hearing = Pick<LineOptions<ExecutionEvent>, "hear" | "state">;

const lineOf = (id: string, query: string, hearing: Hearing) =>
  new Line<ExecutionEvent>({
    path: `/api/executions/${id}/stream${query}`,
    subprotocol: "tenure.run.v1",
    probe: () => ask(api.GET("/api/executions/{id}", { params: { path: { id } } })),
    ...hearing,
  });

/** Reads every attempt of a run, page by page. */
async function allSteps(id: string, enough: () => boolean): Promise<StepView[]> {
  const steps: StepView[] = [];
  let cursor: string | undefined;
  do {
    const page = await ask(api.GET("/api/executions/{id}/steps", { params: { path: { id }, query: { limit: PAGE, ...(cursor === undefined ? {} : { cursor }) } } }));
    steps.push(...page.items);
    cursor = page.cursor ?? undefined;
  } while (cursor !== undefined && !enough());
  return steps;
}

/** Watches a run. The component is to be keyed by the run's id. */
export function useRun(id: string): Watched {
  const [watch] = useState(() => new Watch(id));
  useEffect(() => watch.open(), [watch]);
  return useStore(watch.store, everything);
}

const everything = <T>(state: T): T => state;

interface PastState {
  history: HistoryState;
  /** Every attempt with the record that holds its start. */
  steps: readonly StepView[] | null;
}

/** Reads a run's past, and goes on reading, while `wanted`. */
export function usePast(id: string, wanted: boolean): PastState {
  const [store] = useState(() => new Store<PastState>({ history: noHistory, steps: null }));
  useEffect(() => {
    if (!wanted) return;
    store.set({ history: noHistory, steps: null });
    let closed = false;
    // Behind the very beginning, so that nothing is left out.
    const stream = lineOf(id, "?after=0", {
      hear: (event) => store.set({ ...store.now, history: foldHistory(store.now.history, event) }),
      state: (line) => line.is === "connecting" && store.set({ ...store.now, history: reopened(store.now.history) }),
    });
    void allSteps(id, () => closed).then(
      (steps) => !closed && store.set({ ...store.now, steps }),
      () => !closed && store.set({ ...store.now, steps: [] }),
    );
    return () => {
      closed = true;
      stream.close();
    };
  }, [id, wanted, store]);
  return useStore(store, everything);
}

/** Listens to what the commands of a run print, in its session, while somebody looks at one of them. */
export function useLogs(session: string | null | undefined, wanted: boolean): Logs {
  const [store] = useState(() => new Store<Logs>(noLogs));
  useEffect(() => {
    if (!wanted || session === null || session === undefined) return;
    const line = new Line<ClientEvent>({
      path: `/api/sessions/${session}/ws`,
      subprotocol: "tenure.client.v1",
      hear: (event) => store.set(foldLogs(store.now, event)),
      // The steps say how things stand; a log that is not there is just not shown.
      state: () => undefined,
    });
    return () => line.close();
  }, [session, wanted, store]);
  return useStore(store, everything);
}
