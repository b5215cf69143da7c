import { Page } from "@/ui/page";

export function Approvals() {
  return <Page title="Approvals">To come.</Page>;
}
