// A prompt on its way: being sent, or refused with the reason and what to do.
import { LoaderCircle } from "lucide-react";
import { sentence, ProblemError } from "@/api/problem";
import type { SentPrompt } from "@/live/chat/outbox";
import { Button } from "@/ui/button";
import { useChat, useKnown } from "../context";
import { Bubble } from "../message";
import { putBack } from "./draft";

export function SentView({ sent }: { sent: SentPrompt }) {
  const chat = useChat();
  const away = useKnown((state) => state.line.is !== "live");
  const { refused } = sent;
  const attachments = (sent.command.attachments ?? []).map((file) => file.name);
  return (
    <article aria-label="Your message" className="flex flex-col items-end py-2">
      <Bubble text={sent.command.text} attachments={attachments} />
      {refused === undefined ? (
        <p role="status" className="mt-1 flex items-center gap-1.5 px-1 text-xs text-soft">
          <LoaderCircle size={12} aria-hidden className="animate-spin" />
          {away ? "Is sent when the server is there again" : "Being sent"}
        </p>
      ) : (
        <div role="alert" className="mt-1 flex flex-wrap items-center justify-end gap-2 rounded-md bg-bad-soft px-3 py-1.5 text-sm text-bad">
          <span className="wrap-anywhere">{sentence(new ProblemError(refused))}</span>
          {refused.retry && (
            <Button small onClick={() => chat.outbox.again(sent.id)}>
              Send again
            </Button>
          )}
          <Button
            small
            onClick={() => {
              chat.outbox.forget(sent.id);
              putBack(chat.session, sent.command.text);
            }}
          >
            Back to the box
          </Button>
        </div>
      )}
    </article>
  );
}
