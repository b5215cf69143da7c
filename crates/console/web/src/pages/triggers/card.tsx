// One trigger in the list: what it does in words, when it fires next, how it went last, and what can be done in place.
import { useRef } from "react";
import { Link } from "@tanstack/react-router";
import { CalendarClock, FlaskConical, GitBranch, Hand, Pause, Pencil, Play, Webhook } from "lucide-react";
import { Badge, Dot } from "@/ui/badge";
import { Button } from "@/ui/button";
import { cx } from "@/ui/classes";
import { Ago, Clock, useNow } from "@/ui/time";
import { tell } from "@/ui/toast";
import type { LedgerEntry, TriggerRow } from "./data";
import { act, useNextTimes } from "./data";
import { NextTimes } from "./next";
import { useSeen } from "./seen";
import { OnSwitch } from "./switch";
import { Became, OutcomeBadge, kindWord } from "./words";
import { Sentence } from "./sentence";

const icons = { schedule: CalendarClock, webhook: Webhook, github: GitBranch, manual: Hand };

export type Action = "run" | "pause" | "edit";

/** Says until when a trigger is paused, while it is. */
export function usePaused(row: TriggerRow): number | null {
  const now = useNow();
  return row.paused_until && row.paused_until > now ? row.paused_until : null;
}

interface CardProps {
  row: TriggerRow;
  last: LedgerEntry | undefined;
  onAction: (action: Action, row: TriggerRow) => void;
}

export function TriggerCard({ row, last, onAction }: CardProps) {
  const paused = usePaused(row);
  const card = useRef<HTMLElement>(null);
  const seen = useSeen(card);
  const Icon = icons[row.type];
  const idle = !row.enabled || paused !== null;
  return (
    <article ref={card} aria-label={row.name} className={cx("flex flex-col gap-2 rounded-lg border border-line p-3", idle ? "bg-sunken" : "bg-surface")}>
      <header className="flex items-start gap-2">
        <Icon size={18} aria-hidden className={cx("mt-0.5 shrink-0", idle ? "text-soft" : "text-accent")} />
        <div className="min-w-0 flex-1">
          <h2 className={cx("truncate text-sm font-semibold", idle && "text-soft")}>
            <Link to="/triggers/$trigger" params={{ trigger: row.id }} className="hover:underline">
              {row.name}
            </Link>
          </h2>
          {row.description && <p className="truncate text-xs text-soft">{row.description}</p>}
        </div>
        <States row={row} />
        <OnSwitch row={row} />
      </header>
      <p className={cx("text-sm wrap-anywhere", idle && "text-soft")}><Sentence text={row.words} /></p>
      {row.type === "schedule" && <Next row={row} seen={seen} />}
      <Last row={row} last={last} />
      <footer className="mt-auto flex flex-wrap gap-1 pt-1">
        <Button small look="quiet" icon={<Play size={13} aria-hidden />} onClick={() => onAction("run", row)}>
          Run now
        </Button>
        <TestLink row={row} />
        {paused === null ? (
          <Button small look="quiet" icon={<Pause size={13} aria-hidden />} onClick={() => onAction("pause", row)}>
            Pause
          </Button>
        ) : (
          <Button small look="quiet" icon={<Play size={13} aria-hidden />} onClick={() => void act.resume(row.id).catch(tell.failed)}>
            Resume
          </Button>
        )}
        <Button small look="quiet" icon={<Pencil size={13} aria-hidden />} onClick={() => onAction("edit", row)}>
          Edit
        </Button>
      </footer>
    </article>
  );
}

export function States({ row }: { row: TriggerRow }) {
  const paused = usePaused(row);
  return (
    <span className="flex shrink-0 flex-wrap justify-end gap-1">
      {!row.enabled && <Badge>off</Badge>}
      {paused !== null && (
        <Badge tone="warn">
          paused until <Clock at={paused} />
        </Badge>
      )}
      {row.failing && (
        <Badge tone="bad" title={row.failing}>
          failing
        </Badge>
      )}
      {row.running > 0 && (
        <Badge tone="busy">
          <Dot tone="busy" />
          {row.running} running
        </Badge>
      )}
      {row.waiting > 0 && <Badge tone="warn">{row.waiting} waiting</Badge>}
    </span>
  );
}

/** What can only be called is tried with a delivery that is imagined; the others by a run that is marked as a trial. */
function TestLink({ row }: { row: TriggerRow }) {
  if (row.type !== "webhook" && row.type !== "github") return null;
  return (
    <Link
      to="/triggers/$trigger"
      params={{ trigger: row.id }}
      search={{ tab: "test" }}
      className="inline-flex h-7 items-center gap-1.5 rounded-md px-2 text-xs font-medium text-soft hover:bg-sunken hover:text-ink"
    >
      <FlaskConical size={13} aria-hidden />
      Test<span className="sr-only"> {kindWord[row.type]}</span>
    </Link>
  );
}

function Next({ row, seen }: { row: TriggerRow; seen: boolean }) {
  const { data } = useNextTimes(row.id, 3, seen);
  if (data === undefined || data.times.length === 0) return row.next_at ? <p className="text-xs text-soft">next <Ago at={row.next_at} /></p> : null;
  return (
    <div className="flex flex-wrap items-baseline gap-x-3 gap-y-1">
      <span className="text-xs text-soft">{row.enabled ? "Next" : "Would fire"}</span>
      <NextTimes times={data.times} label={`Next times of ${row.name}`} />
    </div>
  );
}

function Last({ row, last }: { row: TriggerRow; last: LedgerEntry | undefined }) {
  if (last === undefined) {
    return <p className="text-xs text-soft">{row.last_run_at ? <>Ran last <Ago at={row.last_run_at} /></> : "Has not fired yet"}</p>;
  }
  return (
    <div className="flex flex-col gap-1 text-xs text-soft">
      <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
        <span>
          Last <Ago at={last.at} />
        </span>
        <OutcomeBadge outcome={last.outcome} />
        <Became entry={last} />
        {last.test && <Badge>trial</Badge>}
      </p>
      {last.reason && <p className="wrap-anywhere"><Sentence text={last.reason} /></p>}
    </div>
  );
}
