// The runs of the session that is shown: what its socket tells of them, joined with what had happened before.
import type { ReactNode } from "react";
import { createContext, useContext, useEffect, useMemo, useState } from "react";
import type { QueryClient } from "@tanstack/react-query";
import { useQueries, useQueryClient } from "@tanstack/react-query";
import { api, ask } from "@/api/client";
import type { ExecutionView, StepView } from "@/api/types";
import type { RunState, RunsState } from "@/live/chat/runs";
import { noRuns, withSteps } from "@/live/chat/runs";
import { WHOLE } from "@/live/chat/pages";
import type { ChatState } from "@/live/chat/state";
import { sameItems } from "@/live/store";
import { useKnown } from "../context";

/** Brings a step into sight, wherever it is asked for. */
export class Jump {
  #listener: ((key: string) => void) | null = null;

  readonly to = (key: string): void => this.#listener?.(key);

  readonly listen = (listener: (key: string) => void): (() => void) => {
    this.#listener = listener;
    return () => {
      if (this.#listener === listener) this.#listener = null;
    };
  };
}

interface Runs {
  jump: Jump;
  runs: RunsState;
  /** The whole of a run, where the person here may see it: its definition, what it gave. */
  views: ReadonlyMap<string, ExecutionView>;
}

const RunsContext = createContext<Runs>({ jump: new Jump(), runs: noRuns, views: new Map() });

const PAGE = "200";
const key = (run: string) => ["chat-run", run] as const;

/** Has everything on the page below know the runs of the session. */
export function RunsProvider({ children }: { children: ReactNode }) {
  const told = useKnown(runsOf);
  const wanted = useKnown(inSight, sameItems);
  useAfresh(told);
  const cache = useQueryClient();
  const [jump] = useState(() => new Jump());
  const steps = useQueries({ queries: wanted.map((id) => stepsOf(id, told.get(id))), combine: dataOf });
  const views = useQueries({ queries: wanted.map((id) => viewOf(cache, id, told.get(id))), combine: dataOf });
  const runs = useMemo(() => {
    const whole = new Map<string, ExecutionView>();
    wanted.forEach((id, n) => views[n] !== undefined && whole.set(id, views[n]));
    const listed = new Map(wanted.map((id, n) => [id, steps[n]]));
    const joined = [...told].map(([id, run]): [string, RunState] => {
      const row = run.row ?? whole.get(id);
      const known = row === run.row ? run : { ...run, row };
      const before = listed.get(id);
      return [id, before === undefined ? known : withSteps(known, before)];
    });
    return { jump, runs: new Map(joined), views: whole };
  }, [jump, told, wanted, steps, views]);
  return <RunsContext value={runs}>{children}</RunsContext>;
}

export const useRuns = (): Runs => useContext(RunsContext);

/** The runs that the part of the transcript shows that is held, and all that go on. */
function inSight(state: ChatState): string[] {
  const lane = state.lanes[WHOLE];
  if (lane === undefined) return [];
  const since = lane.before === null ? 0 : (state.messages.find((message) => message.seq >= lane.from)?.at ?? 0);
  const said = new Set(state.messages.map((message) => message.step?.execution));
  return [...state.runs].filter(([id, run]) => !run.view.ended || run.view.attached_at >= since || said.has(id)).map(([id]) => id);
}

const runsOf = (state: ChatState) => state.runs;
const dataOf = <T,>(results: { data: T | undefined }[]): (T | undefined)[] => results.map((result) => result.data);

/** All attempts of a run. A run that was attached under our eyes has told them all. */
function stepsOf(id: string, run: RunState | undefined) {
  return {
    queryKey: [...key(id), "steps"],
    enabled: run !== undefined && run.picture > 0,
    queryFn: async (): Promise<StepView[]> => {
      const steps: StepView[] = [];
      for (let cursor: string | undefined; ; ) {
        const page = await ask(api.GET("/api/executions/{id}/steps", { params: { path: { id }, query: { limit: PAGE, cursor } } }));
        steps.push(...page.items);
        if (!page.cursor) return steps;
        cursor = page.cursor;
      }
    },
  };
}

/** A run's definition never changes; what it gave is there once it is over. */
function viewOf(cache: QueryClient, id: string, run: RunState | undefined) {
  return {
    queryKey: [...key(id), "view", run?.view.ended ?? "open"],
    queryFn: () => ask(api.GET("/api/executions/{id}", { params: { path: { id } } })),
    placeholderData: () => cache.getQueryData<ExecutionView>([...key(id), "view", "open"]),
  };
}

/** A new picture may leave out what happened before it: that is read again. */
function useAfresh(runs: RunsState): void {
  const cache = useQueryClient();
  const pictures = [...runs.values()].map((run) => run.picture).join();
  useEffect(() => {
    for (const [id, run] of runs) if (run.picture > 1) void cache.invalidateQueries({ queryKey: [...key(id), "steps"] });
    // Only a picture is a reason.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [cache, pictures]);
}
