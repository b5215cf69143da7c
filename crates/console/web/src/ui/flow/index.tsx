// The diagram of a workflow. It is heavy, so it is loaded when one is shown.
import { lazy, Suspense } from "react";
import { Loading } from "@/ui/states";
import type { FlowProps } from "./view";

export type { FlowProps, FlowState, FlowStates } from "./view";
export type { FlowBody, FlowStep } from "./steps";
export { allSteps, flowPath, readSteps } from "./steps";

const View = lazy(() => import("./view"));

/** Shows the steps of a definition, how they stand, and which one is selected. It fills what it is put in. */
export function Flow(props: FlowProps) {
  return (
    <Suspense fallback={<Loading what="Loading the diagram" />}>
      <View {...props} />
    </Suspense>
  );
}
