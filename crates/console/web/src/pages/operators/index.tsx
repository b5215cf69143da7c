import { Page } from "@/ui/page";

export function Operators() {
  return <Page title="Operators">To come.</Page>;
}

export function Actor() {
  return <Page title="Actor">To come.</Page>;
}
