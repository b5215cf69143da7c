import type { ReactNode } from "react";
import { cx } from "./classes";

export type Tone = "plain" | "accent" | "good" | "warn" | "bad" | "busy";

const tones: Record<Tone, string> = {
  plain: "bg-sunken text-soft",
  accent: "bg-accent-soft text-accent",
  good: "bg-good-soft text-good",
  warn: "bg-warn-soft text-warn",
  bad: "bg-bad-soft text-bad",
  busy: "bg-busy-soft text-busy",
};

/** A word on a ground of its own. */
export function Badge({ tone = "plain", children, className, title }: { tone?: Tone; children: ReactNode; className?: string; title?: string }) {
  return (
    <span title={title} className={cx("inline-flex items-center gap-1 rounded px-1.5 py-0.5 text-xs font-medium whitespace-nowrap", tones[tone], className)}>
      {children}
    </span>
  );
}

const dots: Record<Tone, string> = {
  plain: "bg-line-strong",
  accent: "bg-accent",
  good: "bg-good",
  warn: "bg-warn",
  bad: "bg-bad",
  busy: "bg-busy animate-pulse",
};

/** A coloured dot; what it means stands beside it, or in `label`. */
export function Dot({ tone, label }: { tone: Tone; label?: string }) {
  return <span className={cx("inline-block size-2 shrink-0 rounded-full", dots[tone])} role={label ? "img" : undefined} aria-label={label} title={label} />;
}
