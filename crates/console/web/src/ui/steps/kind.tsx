// The kinds of steps: a picture and a word for each.
import type { LucideIcon } from "lucide-react";
import { Bell, BookmarkX, Bot, Boxes, CircleHelp, Columns3, GitFork, Hourglass, Repeat2, SquareTerminal, StopCircle, UserRoundCheck, Variable, Wrench } from "lucide-react";
import type { Tone } from "@/ui/badge";
import { Badge, Dot } from "@/ui/badge";
import { cx } from "@/ui/classes";
import { stepLook } from "@/ui/status";
import type { StepLike } from "./read";

const kinds: Record<string, { icon: LucideIcon; word: string }> = {
  agent_prompt: { icon: Bot, word: "agent" },
  bash: { icon: SquareTerminal, word: "command" },
  tool: { icon: Wrench, word: "tool" },
  notify: { icon: Bell, word: "notification" },
  approval: { icon: UserRoundCheck, word: "approval" },
  conditional: { icon: GitFork, word: "condition" },
  loop: { icon: Repeat2, word: "loop" },
  parallel: { icon: Columns3, word: "parallel" },
  wait: { icon: Hourglass, word: "wait" },
  set: { icon: Variable, word: "variables" },
  workflow: { icon: Boxes, word: "workflow" },
  stop: { icon: StopCircle, word: "stop" },
  catch: { icon: BookmarkX, word: "catch" },
};

export const kindWord = (kind: string): string => kinds[kind]?.word ?? kind.replaceAll("_", " ");

/** Tells whether a step of this kind has steps inside it. */
export const isContainer = (kind: string): boolean => kind === "loop" || kind === "parallel" || kind === "conditional";

const grounds: Record<Tone, string> = {
  plain: "bg-sunken text-soft",
  accent: "bg-accent-soft text-accent",
  good: "bg-good-soft text-good",
  warn: "bg-warn-soft text-warn",
  bad: "bg-bad-soft text-bad",
  busy: "bg-busy-soft text-busy",
};

/** How a step stands, in the word that fits its kind: what has only begun may wait for a person, an event or a runner. */
export function standingOf({ kind, phase, then }: Pick<StepLike, "kind" | "phase" | "then">): { tone: Tone; word: string } {
  if (phase === "started") {
    if (kind === "approval") return { tone: "warn", word: "waits for a decision" };
    if (kind === "wait") return { tone: "warn", word: "waiting" };
    if (kind === "bash" || kind === "agent_prompt") return { tone: "busy", word: "waits for a runner" };
    return { tone: "busy", word: "running" };
  }
  // What was mended is no reason to look.
  if (phase === "failed" && (then === "continue" || then === "catch")) return { tone: "warn", word: then === "catch" ? "failed, caught" : "failed, went on" };
  return stepLook(phase);
}

export function Standing({ step }: { step: Pick<StepLike, "kind" | "phase" | "then"> }) {
  const { tone, word } = standingOf(step);
  return (
    <Badge tone={tone}>
      <Dot tone={tone} />
      {word}
    </Badge>
  );
}

/** The picture of a kind, in the colour of how the step stands. */
export function KindIcon({ step, small = false }: { step: Pick<StepLike, "kind" | "phase" | "then">; small?: boolean }) {
  const Icon = kinds[step.kind]?.icon ?? CircleHelp;
  return (
    <span className={cx("flex shrink-0 items-center justify-center rounded-md", small ? "size-5" : "size-6", grounds[standingOf(step).tone])}>
      <Icon size={small ? 12 : 14} aria-hidden />
    </span>
  );
}
