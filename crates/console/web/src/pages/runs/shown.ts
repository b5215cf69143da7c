// What of a run is on the screen: how it stands, or how it stood.
import { createContext, use } from "react";
import type { ApprovalView, ExecutionView, StepView } from "@/api/types";
import type { Decided } from "@/live/run/fold";
import type { Logs } from "@/live/run/log";
import type { StepNode } from "@/live/run/tree";

export interface Shown {
  run: ExecutionView;
  rows: ReadonlyMap<string, StepView>;
  decided: ReadonlyMap<string, Decided>;
  approvals: ReadonlyMap<string, ApprovalView>;
  tree: readonly StepNode[];
  /** Whether it is how the run stood once: then nothing can be done with it. */
  past: boolean;
  /** Whether nothing more will begin. */
  over: boolean;
}

/** What the cards of a timeline need to know of the page around them. */
export interface Around {
  shown: Shown;
  /** The step that is looked at. */
  looked: string | null;
  onLook: (path: string) => void;
  /** What is to be seen now; another object each time. */
  reveal: { path: string } | null;
  onRetry: ((path: string) => void) | undefined;
  logs: Logs;
  /** Says that a log is looked at, until the returned function is called. */
  onLog: () => () => void;
  mayDecide: (approval: ApprovalView) => boolean;
}

export const AroundContext = createContext<Around | null>(null);

export function useAround(): Around {
  const around = use(AroundContext);
  if (around === null) throw new Error("a step is shown outside a run");
  return around;
}

/** Under which it is remembered whether a step's card is open. */
export const remembered = (run: string, path: string): string => `run/${run}/${path}`;
