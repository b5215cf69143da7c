// Says a command to the session once at a time, and shows why it was refused.
import { useState } from "react";
import type { Command, Reply } from "@/live/chat/outbox";
import { tell } from "@/ui/toast";
import { useChat } from "../context";

interface Act {
  busy: boolean;
  /** Does it; what it led to is handed to `then`. */
  act: (command: Command, then?: (reply: Reply) => void) => void;
}

export function useAct(): Act {
  const chat = useChat();
  const [busy, setBusy] = useState(false);
  const act = (command: Command, then?: (reply: Reply) => void) => {
    setBusy(true);
    chat
      .ask(command)
      .then(then, tell.failed)
      .finally(() => setBusy(false));
  };
  return { busy, act };
}
