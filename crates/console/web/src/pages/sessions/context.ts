// The session that a page shows, for everything on it.
import { createContext, useContext } from "react";
import type { Chat } from "@/live/chat/chat";
import type { ChatState } from "@/live/chat/state";
import { useStore } from "@/live/store";

export const ChatContext = createContext<Chat | null>(null);

export function useChat(): Chat {
  const chat = useContext(ChatContext);
  if (chat === null) throw new Error("what shows a session stands within a ChatContext");
  return chat;
}

/** Looks at a part of what is known of the session. `pick` must stay the same function, or be cheap. */
export function useKnown<T>(pick: (state: ChatState) => T, same?: (a: T, b: T) => boolean): T {
  return useStore(useChat().store, pick, same);
}
