// What agents ask: options as buttons, or an answer in one's own words, until the deadline.
import type { FormEvent } from "react";
import { useState } from "react";
import { CircleQuestionMark } from "lucide-react";
import type { QuestionView } from "@/api/types";
import type { ChatState } from "@/live/chat/state";
import { sameItems } from "@/live/store";
import { Button } from "@/ui/button";
import { Input } from "@/ui/field";
import { Markdown } from "@/ui/markdown";
import { span, useNow } from "@/ui/time";
import { useKnown } from "../context";
import { useMay } from "../rights";
import { useAct } from "./act";

export function Questions({ thread }: { thread: string }) {
  const questions = useKnown((state: ChatState) => state.questions.filter((one) => one.thread === thread), sameItems);
  return questions.map((one) => <Question key={one.question} question={one} />);
}

function Question({ question }: { question: QuestionView }) {
  const may = useMay("collaborator");
  const [text, setText] = useState("");
  const { busy, act } = useAct();
  const answer = (given: string) => act({ type: "answer", question: question.question, answer: given });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (text.trim() !== "") answer(text);
  };
  return (
    <section aria-label="Question of the agent" className="mb-2 rounded-xl border border-warn bg-warn-soft px-3 py-2">
      <header className="flex items-start gap-2">
        <CircleQuestionMark size={16} aria-hidden className="mt-1 shrink-0 text-warn" />
        <div className="min-w-0 flex-1 [&_p]:my-0.5">
          <Markdown text={question.text} />
        </div>
        <Deadline at={question.expires_at} />
      </header>
      {may && (
        <>
          {question.options.length > 0 && (
            <div role="group" aria-label="Options" className="mt-2 flex flex-wrap gap-1.5">
              {question.options.map((option) => (
                <Button key={option} small busy={busy} onClick={() => answer(option)} className="h-auto! min-h-7 py-1 whitespace-normal!">
                  {option}
                </Button>
              ))}
            </div>
          )}
          <form onSubmit={submit} className="mt-2 flex gap-1.5">
            <Input aria-label="Answer in your own words" value={text} onChange={(event) => setText(event.target.value)} placeholder={question.options.length > 0 ? "Or in your own words" : "Your answer"} className="h-8! min-w-0" />
            <Button small look="primary" type="submit" busy={busy} disabled={text.trim() === ""} className="h-8!">
              Answer
            </Button>
          </form>
        </>
      )}
    </section>
  );
}

function Deadline({ at }: { at: number }) {
  const left = at - useNow();
  return <span className="shrink-0 pt-0.5 text-xs text-warn tabular-nums">{left > 0 ? `${span(Math.ceil(left / 1000) * 1000)} left` : "its time is over"}</span>;
}
