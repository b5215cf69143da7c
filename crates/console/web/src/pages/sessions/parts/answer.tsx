// What an agent said in one turn, while it streams and afterwards: the same pieces at the same places, so that nothing moves
// when the turn ends.
import type { ReactNode } from "react";
import { memo } from "react";
import { Bot } from "lucide-react";
import type { Message, Part, Usage } from "@/api/types";
import { CopyButton } from "@/ui/copy";
import { Markdown } from "@/ui/markdown";
import { Clock } from "@/ui/time";
import { Thought } from "./thought";
import { ToolCard } from "./tool";

interface AnswerProps {
  author: string;
  at: number;
  parts: readonly { at: number; part: Part }[];
  /** Whether more is coming. */
  open: boolean;
  usage?: Usage | null | undefined;
  finish?: Message["finish"];
  /** What the agent does now, or why the turn ended as it did. */
  below?: ReactNode;
}

export function Answer({ author, at, parts, open, usage, below }: AnswerProps) {
  const last = parts.at(-1)?.at;
  return (
    <article aria-label={`Answer of ${author}`} aria-busy={open} className="group/answer py-2">
      <header className="flex items-center gap-2 text-xs text-soft">
        <span className="flex size-5 items-center justify-center rounded bg-accent-soft text-accent">
          <Bot size={13} aria-hidden />
        </span>
        <span className="font-medium text-ink">{author}</span>
        <Clock at={at} />
      </header>
      <div className="mt-1 pl-7">
        {parts.map(({ at: place, part }) => (
          <PartView key={place} part={part} growing={open && place === last} />
        ))}
        {below}
        {!open && <Foot usage={usage} parts={parts} />}
      </div>
    </article>
  );
}

const PartView = memo(function PartView({ part, growing }: { part: Part; growing: boolean }) {
  switch (part.type) {
    case "text":
      return <Markdown text={part.text} growing={growing} />;
    case "reasoning":
      return <Thought text={part.text} growing={growing} />;
    case "tool_call":
      return <ToolCard part={part} />;
    case "error":
      return <p className="my-2 rounded-md bg-bad-soft px-3 py-2 text-sm wrap-anywhere text-bad">{part.message}</p>;
    case "finish":
      return null;
  }
});

const number = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });

/** Says what was used, in few words. */
export function usageWords(usage: Usage): string {
  const tokens = `${number.format(usage.input_tokens ?? 0)} in, ${number.format(usage.output_tokens ?? 0)} out`;
  return usage.model == null ? `${tokens} tokens` : `${usage.model}: ${tokens} tokens`;
}

function Foot({ usage, parts }: { usage: Usage | null | undefined; parts: AnswerProps["parts"] }) {
  const used = usage != null && (usage.input_tokens ?? 0) + (usage.output_tokens ?? 0) > 0;
  const text = parts.flatMap(({ part }) => (part.type === "text" ? [part.text] : [])).join("\n\n");
  if (!used && text === "") return null;
  return (
    <footer className="mt-1 flex h-7 items-center gap-1 text-xs text-soft">
      {text !== "" && (
        <span className="-ml-1.5 opacity-0 group-focus-within/answer:opacity-100 group-hover/answer:opacity-100">
          <CopyButton text={text} label="Copy the answer" />
        </span>
      )}
      {used && usage != null && <span>{usageWords(usage)}</span>}
    </footer>
  );
}
