import { Page } from "@/ui/page";

export function Runs() {
  return <Page title="Runs">To come.</Page>;
}

export function Run() {
  return <Page title="Run">To come.</Page>;
}
