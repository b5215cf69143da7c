import { Page } from "@/ui/page";

export function Workflows() {
  return <Page title="Workflows">To come.</Page>;
}

export function NewWorkflow() {
  return <Page title="NewWorkflow">To come.</Page>;
}

export function Workflow() {
  return <Page title="Workflow">To come.</Page>;
}

export function EditWorkflow() {
  return <Page title="EditWorkflow">To come.</Page>;
}
