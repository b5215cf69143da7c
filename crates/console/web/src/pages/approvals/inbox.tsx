// Everything that waits for this person, newest first. The letters j and k walk it, a and d lead to the answers.
import { useEffect, useRef } from "react";
import { Link } from "@tanstack/react-router";
import type { ApprovalView, Waiting } from "@/api/types";
import { useFeedKnown } from "@/live/feed";
import { Button } from "@/ui/button";
import { cx } from "@/ui/classes";
import { Empty, Loading } from "@/ui/states";
import { ApprovalCard } from "@/ui/steps/approval";
import { Ago } from "@/ui/time";
import { BudgetCard } from "./budget-card";
import { CallCard } from "./call-card";
import { SettledCard } from "./settled";
import type { Decide } from "./use-inbox";
import { useInbox } from "./use-inbox";

export function Inbox() {
  const known = useFeedKnown();
  const { asked, answer, dismiss, dismissAll, settledCount } = useInbox();
  const list = useRef<HTMLUListElement>(null);
  useKeys(list);
  if (!known && asked.length === 0) return <Loading what="Loading what waits" />;
  if (asked.length === 0) {
    return <Empty title="Nothing waits for you">What runs ask, calls that agents may not make by themselves, and budgets that are used up come here as soon as they wait.</Empty>;
  }
  return (
    <div className="mx-auto flex max-w-3xl flex-col gap-3">
      <div className={cx("min-h-7 items-center gap-2 text-xs text-soft md:flex", settledCount > 1 ? "flex" : "hidden")}>
        <span className="hidden md:inline">
          <Key name="j" /> <Key name="k" /> walk, <Key name="a" /> leads to approving, <Key name="d" /> to denying
        </span>
        {settledCount > 1 && (
          <Button small look="quiet" className="ml-auto" onClick={dismissAll}>
            Clear what is decided
          </Button>
        )}
      </div>
      <ul ref={list} aria-label="What waits" className="flex flex-col gap-3">
        {asked.map(({ waiting, settled }) => (
          <li key={waiting.id} tabIndex={-1} className="scroll-mt-4 rounded-lg">
            {settled === null ? <Card waiting={waiting} answer={answer} /> : <SettledCard waiting={waiting} settled={settled} onDismiss={() => dismiss(waiting.id)} />}
          </li>
        ))}
      </ul>
    </div>
  );
}

function Card({ waiting, answer }: { waiting: Waiting; answer: Decide }) {
  if ("prompt" in waiting) {
    return <ApprovalCard approval={waiting} beside={<AskedBy approval={waiting} />} onDecide={(approval, decision, reason) => answer(approval, decision, reason)} />;
  }
  return "tool" in waiting ? <CallCard call={waiting} answer={answer} /> : <BudgetCard asked={waiting} answer={answer} />;
}

function AskedBy({ approval }: { approval: ApprovalView }) {
  return (
    <p className="flex flex-wrap items-center gap-x-1.5 text-xs text-soft">
      <Link to="/runs/$run" params={{ run: approval.execution }} search={{ step: approval.path }} className="font-medium text-accent hover:underline">
        {approval.workflow}
      </Link>
      <span>
        asks at <code className="font-mono">{approval.path}</code>
      </span>
      <Ago at={approval.asked_at} className="ml-auto" />
    </p>
  );
}

function Key({ name }: { name: string }) {
  return <kbd className="rounded border border-line bg-surface px-1 font-mono">{name}</kbd>;
}

/** Walks the cards by letters, unless somebody is writing. */
function useKeys(list: React.RefObject<HTMLUListElement | null>): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || writes(event.target) || document.querySelector("dialog[open]") !== null) return;
      const cards = [...(list.current?.children ?? [])].filter((child) => child instanceof HTMLElement);
      const at = cards.findIndex((card) => card.contains(document.activeElement));
      const step = { j: 1, k: -1 }[event.key];
      if (step !== undefined) {
        cards[Math.min(Math.max(at + step, 0), cards.length - 1)]?.focus();
      } else if (event.key === "a" || event.key === "d") {
        const card = cards[Math.max(at, 0)];
        answerOf(card, event.key === "a" ? /^(Approve|Raise)/ : /^Deny/)?.focus();
      } else return;
      event.preventDefault();
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, [list]);
}

/** The letters lead to the answer; giving it takes one more press. */
function answerOf(card: HTMLElement | undefined, name: RegExp): HTMLButtonElement | undefined {
  return [...(card?.querySelectorAll("button") ?? [])].find((button) => name.test(button.textContent.trim()));
}

const writes = (target: EventTarget | null): boolean => target instanceof HTMLElement && target.closest("input, textarea, select, [contenteditable]") !== null;
