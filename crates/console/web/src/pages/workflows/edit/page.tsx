// The editor of workflows.
import { Page } from "@/ui/page";
import type { WorkflowView } from "../data";

export default function Edit({ of }: { of?: WorkflowView }) {
  return <Page title={of === undefined ? "New workflow" : `Edit ${of.name}`}>To come.</Page>;
}
