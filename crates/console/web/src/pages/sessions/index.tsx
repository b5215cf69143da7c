import { Page } from "@/ui/page";

export function Sessions() {
  return <Page title="Sessions">To come.</Page>;
}

export function Chat() {
  return <Page title="Chat">To come.</Page>;
}
