// The workflow runs of a session, as far as they were told.
import type { ClientEvent } from "@/api/types";

export type RunsState = Readonly<Record<string, never>>;

export const noRuns: RunsState = {};

/** Takes one piece of news in. Every piece may come twice. */
export function foldRuns(state: RunsState, _event: ClientEvent): RunsState {
  return state;
}
