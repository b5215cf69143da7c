// The runs of the session that is shown: what its socket tells of them, joined with what had happened before.
import type { ReactNode } from "react";
import { createContext, useContext, useEffect, useMemo, useState } from "react";
import type { QueryClient } from "@tanstack/react-query";
import { useQueries, useQueryClient } from "@tanstack/react-query";
import { api, ask } from "@/api/client";
import type { ExecutionView, Message, StepView } from "@/api/types";
import type { RunState, RunsState } from "@/live/chat/runs";
import { noRuns, withSteps } from "@/live/chat/runs";
import { WHOLE } from "@/live/chat/pages";
import type { ChatState, Lane } from "@/live/chat/state";
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

/** What stays the same while runs go on, apart from what changes with every step: cards look at the first only. */
interface Steady {
  jump: Jump;
  /** The whole of a run, where the person here may see it: its definition, what it gave. */
  views: ReadonlyMap<string, ExecutionView>;
}

const SteadyContext = createContext<Steady>({ jump: new Jump(), views: new Map() });
const RunsContext = createContext<RunsState>(noRuns);

const PAGE = "200";
const key = (run: string) => ["chat-run", run] as const;

/** Has everything on the page below know the runs of the session. */
export function RunsProvider({ children }: { children: ReactNode }) {
  const told = useKnown(runsOf);
  const messages = useKnown(messagesOf);
  const lane = useKnown(wholeLane);
  const ids = useMemo(() => inSight(told, messages, lane).join(), [told, messages, lane]);
  const wanted = useMemo(() => ids.split(",").filter(Boolean), [ids]);
  useAfresh(told);
  const cache = useQueryClient();
  const [jump] = useState(() => new Jump());
  const steps = useQueries({ queries: wanted.map((id) => stepsOf(id, told.get(id))), combine: dataOf });
  const views = useQueries({ queries: wanted.map((id) => viewOf(cache, id, told.get(id))), combine: dataOf });
  const steady = useMemo(() => {
    const whole = new Map<string, ExecutionView>();
    wanted.forEach((id, n) => views[n] !== undefined && whole.set(id, views[n]));
    return { jump, views: whole };
  }, [jump, wanted, views]);
  const runs = useMemo(() => {
    const listed = new Map(wanted.map((id, n) => [id, steps[n]]));
    return new Map([...told].map(([id, run]): [string, RunState] => [id, whole(run, listed.get(id), steady.views.get(id))]));
  }, [told, wanted, steps, steady]);
  return (
    <SteadyContext value={steady}>
      <RunsContext value={runs}>{children}</RunsContext>
    </SteadyContext>
  );
}

function whole(run: RunState, before: readonly StepView[] | undefined, view: ExecutionView | undefined): RunState {
  const known = run.row === undefined && view !== undefined ? { ...run, row: view } : run;
  return before === undefined ? known : withSteps(known, before);
}

/** All runs, as they stand now. */
export const useRuns = (): RunsState => useContext(RunsContext);
export const useViews = (): Steady["views"] => useContext(SteadyContext).views;
export const useJump = (): Jump => useContext(SteadyContext).jump;

/** The runs that the part of the transcript shows that is held, and all that go on. */
function inSight(runs: RunsState, messages: readonly Message[], lane: Lane | undefined): string[] {
  if (lane === undefined) return [];
  const since = lane.before === null ? 0 : (messages.find((message) => message.seq >= lane.from)?.at ?? 0);
  const said = new Set(messages.map((message) => message.step?.execution));
  return [...runs].filter(([id, run]) => !run.view.ended || run.view.attached_at >= since || said.has(id)).map(([id]) => id);
}

const messagesOf = (state: ChatState) => state.messages;
const wholeLane = (state: ChatState) => state.lanes[WHOLE];
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
