// Sessions: their list, and the chat of the one that is open.
import { Outlet } from "@tanstack/react-router";

export { Chat } from "./chat";

export function Sessions() {
  return <Outlet />;
}
