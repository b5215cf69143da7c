import { Page } from "@/ui/page";

export function Triggers() {
  return <Page title="Triggers">To come.</Page>;
}

export function Trigger() {
  return <Page title="Trigger">To come.</Page>;
}
