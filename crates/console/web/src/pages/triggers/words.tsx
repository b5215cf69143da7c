// What triggers decided, and what became of it, as people say it.
import { Link } from "@tanstack/react-router";
import type { Schemas } from "@/api/types";
import { useRow } from "@/live/feed";
import type { Tone } from "@/ui/badge";
import { Badge, Dot } from "@/ui/badge";
import { RunStatus } from "@/ui/status";
import { Clock, span } from "@/ui/time";
import type { LedgerEntry } from "./data";

type Outcome = Schemas["LedgerOutcome"];

const outcomes: Record<Outcome, { tone: Tone; word: string }> = {
  matched: { tone: "good", word: "started" },
  queued: { tone: "warn", word: "waits" },
  skipped: { tone: "plain", word: "skipped" },
  replaced: { tone: "plain", word: "replaced" },
  no_match: { tone: "plain", word: "no match" },
  missed: { tone: "warn", word: "missed" },
  workflow_deleted: { tone: "bad", word: "workflow gone" },
  error: { tone: "bad", word: "could not start" },
};

export const outcomeNames = Object.keys(outcomes) as Outcome[];
export const outcomeWord = (outcome: Outcome): string => outcomes[outcome].word;

export function OutcomeBadge({ outcome }: { outcome: Outcome }) {
  const { tone, word } = outcomes[outcome];
  return (
    <Badge tone={tone}>
      <Dot tone={tone} />
      {word}
    </Badge>
  );
}

export const kindWord: Record<Schemas["TriggerType"], string> = { schedule: "Schedule", webhook: "Webhook", github: "GitHub", manual: "By hand" };

/** Says what led to a decision. */
export function Cause({ entry }: { entry: LedgerEntry }) {
  const { cause, missed } = entry;
  if (missed) {
    return (
      <>
        times from <Clock at={missed.after} /> to <Clock at={missed.until} />
      </>
    );
  }
  switch (cause?.kind) {
    case "schedule":
    case "backfill":
      return (
        <>
          {cause.kind === "backfill" ? "made up for " : "planned for "}
          {cause.planned ? <Clock at={cause.planned} /> : "a time"}
          {cause.late_ms ? `, ${span(cause.late_ms)} late` : ""} {cause.mark && <Mark mark={cause.mark} />}
        </>
      );
    case "delivery":
      return <>delivered{cause.event ? `: ${cause.event}` : ""}</>;
    case "asked":
      return <>asked for by {cause.by?.name ?? "somebody"}</>;
    case "replay":
      return <>replayed by {cause.by?.name ?? "somebody"}</>;
    default:
      return <>delivered</>;
  }
}

const marks: Record<Schemas["TimeMark"], { word: string; why: string }> = {
  gap: { word: "gap", why: "The clocks skip its time; it fires right after the gap." },
  fold_first: { word: "first of two", why: "The clocks show this time twice; this is the first time." },
  fold_second: { word: "second of two", why: "The clocks show this time twice; this is the second time." },
};

/** Marks a time that the clocks skip, or show twice. */
export function Mark({ mark }: { mark: Schemas["TimeMark"] }) {
  return (
    <Badge tone="warn" title={marks[mark].why}>
      {marks[mark].word}
    </Badge>
  );
}

/** What became of what was started: the run as it stands, or where the orchestrator was asked. */
export function Became({ entry }: { entry: LedgerEntry }) {
  const row = useRow("execution", entry.execution ?? undefined);
  if (entry.session) {
    return (
      <Link to="/sessions/$session" params={{ session: entry.session }} className="text-accent hover:underline">
        asked in a session
      </Link>
    );
  }
  if (!entry.execution || entry.outcome !== "matched") return null;
  const status = row?.status ?? entry.end;
  return (
    <Link to="/runs/$run" params={{ run: entry.execution }} className="inline-flex items-center gap-1 text-accent hover:underline">
      run {status && <RunStatus status={status} />}
    </Link>
  );
}
