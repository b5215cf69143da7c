// What an open turn does now, or what it waits for.
import { LoaderCircle } from "lucide-react";
import type { OpenTurn } from "@/live/chat/state";
import { Elapsed } from "@/ui/time";

/** Says it in a few words; null where the streaming text says it by itself. */
export function doing(turn: OpenTurn): string | null {
  if (turn.waiting) return sentence(turn.waiting);
  switch (turn.phase) {
    case "offering":
      return "Waits for a runner";
    case "accepted":
      return "Starting";
    case "cancelling":
      return "Stopping";
    case "running":
      break;
  }
  switch (turn.status) {
    case "waiting":
      return "Waits for an answer";
    case "tool_calling":
      return turn.detail ? `Works: ${turn.detail}` : "Works";
    case "streaming":
      return "Writing";
    case "error":
      return turn.detail ? sentence(turn.detail) : "Something went wrong";
    case "thinking":
    case "idle":
      return "Thinking";
  }
}

const sentence = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

export function Doing({ turn }: { turn: OpenTurn }) {
  return (
    <>
      {turn.switched?.map((one, n) => (
        <p key={n} className="my-2 rounded-md bg-warn-soft px-3 py-1.5 text-sm text-warn">
          The model {one.to} goes on: {one.reason}
        </p>
      ))}
      <p className="mt-1 flex h-7 items-center gap-1.5 text-xs text-soft">
        <LoaderCircle size={13} aria-hidden className="shrink-0 animate-spin text-busy" />
        <span className="min-w-0 truncate">{doing(turn)}</span>
        <Elapsed since={turn.started_at} className="shrink-0 tabular-nums" />
      </p>
    </>
  );
}
