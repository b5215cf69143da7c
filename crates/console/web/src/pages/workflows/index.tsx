// The pages of workflows. What shows and edits one is heavy, and loaded when somebody looks at one.
import { lazy, Suspense } from "react";
import { useParams } from "@tanstack/react-router";
import { Page } from "@/ui/page";
import { Failure, Loading } from "@/ui/states";
import { useWorkflow } from "./data";

export { WorkflowList as Workflows } from "./list";

const One = lazy(() => import("./page"));
const Edit = lazy(() => import("./edit/page"));

export function Workflow() {
  return (
    <Suspense fallback={<Loading what="Loading the workflow" />}>
      <One />
    </Suspense>
  );
}

export function NewWorkflow() {
  return (
    <Suspense fallback={<Loading what="Loading the editor" />}>
      <Edit />
    </Suspense>
  );
}

export function EditWorkflow() {
  const { workflow } = useParams({ from: "/workflows/$workflow/edit" });
  const view = useWorkflow(workflow);
  if (view.data !== undefined) {
    return (
      <Suspense fallback={<Loading what="Loading the editor" />}>
        <Edit key={view.data.id} of={view.data} />
      </Suspense>
    );
  }
  return <Page title="Edit a workflow">{view.isError ? <Failure error={view.error} onRetry={() => void view.refetch()} /> : <Loading what="Loading the workflow" />}</Page>;
}
