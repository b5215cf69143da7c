// Why a turn ended, where it did not end by itself, and the way to have it again.
import { useState } from "react";
import { RotateCcw } from "lucide-react";
import type { Message } from "@/api/types";
import type { ChatState } from "@/live/chat/state";
import { Button } from "@/ui/button";
import { tell } from "@/ui/toast";
import { useChat, useKnown } from "../context";
import { useMay } from "../rights";

const words = {
  error: "The turn failed.",
  canceled: "The turn was ended by a person.",
  interrupted: "The runner was lost; this is what it had said.",
} as const;

export function Ending({ message }: { message: Message }) {
  const error = useKnown((state) => state.errors.get(message.turn));
  if (message.finish == null || message.finish === "end_turn") return null;
  const bad = message.finish === "error";
  // The parts say the error where it happened.
  const said = message.parts.some((part) => part.type === "error");
  if (said) return <Retry turn={message.turn} />;
  return (
    <div className={`my-2 flex flex-wrap items-center gap-2 rounded-md px-3 py-1.5 text-sm ${bad ? "bg-bad-soft text-bad" : "bg-warn-soft text-warn"}`}>
      <span className="min-w-0 flex-1 wrap-anywhere">{bad && error !== undefined ? error : words[message.finish]}</span>
      <Retry turn={message.turn} />
    </div>
  );
}

/** Offers to prompt again, where the server would take it. */
function Retry({ turn }: { turn: string }) {
  const chat = useChat();
  const can = useMay("collaborator");
  const offered = useKnown((state: ChatState) => state.threads.some((thread) => thread.retry === turn));
  const [busy, setBusy] = useState(false);
  if (!offered || !can) return null;
  const retry = () => {
    setBusy(true);
    chat
      .ask({ type: "retry", turn })
      .catch(tell.failed)
      .finally(() => setBusy(false));
  };
  return (
    <Button small busy={busy} onClick={retry} icon={<RotateCcw size={13} aria-hidden />}>
      Try again
    </Button>
  );
}
