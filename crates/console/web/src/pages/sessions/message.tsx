// One message of the transcript, and a turn that is still open.
import { memo, useMemo } from "react";
import { Paperclip } from "lucide-react";
import type { Message, Part } from "@/api/types";
import type { OpenTurn } from "@/live/chat/state";
import { partsOf } from "@/live/chat/turn";
import { Markdown } from "@/ui/markdown";
import { Clock } from "@/ui/time";
import { Answer } from "./parts/answer";
import { Doing } from "./parts/doing";
import { Ending } from "./parts/ending";

/** A finished message, of a person or of the agent. */
export const MessageView = memo(function MessageView({ message }: { message: Message }) {
  return message.role === "user" ? <Said message={message} /> : <AnswerView message={message} />;
});

/** A turn that is still open, as far as it has come. */
export function OpenTurnView({ turn }: { turn: OpenTurn }) {
  return <AnswerView turn={turn} />;
}

interface AnswerViewProps {
  message?: Message | undefined;
  turn?: OpenTurn | undefined;
}

/** What the agent says in one turn: it stays the same element from the first word to the finished message. */
export const AnswerView = memo(function AnswerView({ message, turn }: AnswerViewProps) {
  const parts = useMemo(() => (message !== undefined ? finishedParts(message.parts) : turn !== undefined ? partsOf(turn) : []), [message, turn]);
  if (message !== undefined) {
    return <Answer author={message.author} at={message.at} parts={parts} open={false} usage={message.usage} below={<Ending message={message} />} />;
  }
  if (turn === undefined) return null;
  return <Answer author={turn.agent ?? "Agent"} at={turn.started_at} parts={parts} open usage={turn.usage} below={<Doing turn={turn} />} />;
});

function finishedParts(parts: readonly Part[]): { at: number; part: Part }[] {
  return parts.map((part, at) => ({ at, part }));
}

/** What a person said. */
function Said({ message }: { message: Message }) {
  const text = message.parts.flatMap((part) => (part.type === "text" ? [part.text] : [])).join("\n");
  return (
    <article aria-label={`Message of ${message.author}`} className="flex flex-col items-end py-2">
      <header className="mb-0.5 flex gap-2 px-1 text-xs text-soft">
        <span>{message.author}</span>
        <Clock at={message.at} />
      </header>
      <Bubble text={text} attachments={message.attachments ?? []} />
    </article>
  );
}

/** The words of a person, and the names of the files that came with them. */
export function Bubble({ text, attachments }: { text: string; attachments: readonly string[] }) {
  return (
    <div className="max-w-[85%] rounded-2xl rounded-tr-md bg-accent-soft px-3.5 py-1 text-ink">
      <Markdown text={text} />
      {attachments.length > 0 && (
        <ul aria-label="Attachments" className="flex flex-wrap gap-1.5 pb-1.5">
          {attachments.map((name, n) => (
            <li key={n} className="flex items-center gap-1 rounded border border-line bg-surface px-1.5 py-0.5 text-xs">
              <Paperclip size={12} aria-hidden />
              <span className="max-w-48 truncate">{name}</span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
