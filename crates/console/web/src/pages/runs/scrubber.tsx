// The run as it stood after any record of its journal: a slider over the records that tell something.
import type { KeyboardEvent } from "react";
import { useId, useState } from "react";
import { ChevronLeft, ChevronRight, History } from "lucide-react";
import type { HistoryRecord } from "@/live/run/history";
import { Button, IconButton } from "@/ui/button";
import { stepLook } from "@/ui/status";
import { brief, counted } from "@/ui/steps/read";
import { span } from "@/ui/time";

interface ScrubberProps {
  records: readonly HistoryRecord[];
  /** Where it stands; null while the run is shown as it is. */
  place: number | null;
  loading: boolean;
  /** The run's past is too long to be told record by record. */
  coarse: boolean;
  onPlace: (place: number) => void;
  onBegin: () => void;
  onLive: () => void;
}

const exact = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3 });

export function Scrubber({ records, place, loading, coarse, onPlace, onBegin, onLive }: ScrubberProps) {
  const label = useId();
  // What is dragged is shown at once; the address follows.
  const [dragged, setDragged] = useState<{ from: number | null; to: number } | null>(null);
  if (place === null) {
    return (
      <div className="flex items-center gap-2 border-t border-line bg-surface px-3 py-1.5">
        <Button small look="quiet" icon={<History size={14} aria-hidden />} onClick={onBegin}>
          Look back in time
        </Button>
      </div>
    );
  }
  const at = dragged !== null && dragged.from === place ? dragged.to : place;
  const record = records[at];
  const go = (to: number) => {
    const next = Math.max(0, Math.min(records.length - 1, to));
    setDragged({ from: place, to: next });
    onPlace(next);
  };
  const leave = (event: KeyboardEvent) => {
    if (event.key === "Escape") onLive();
  };
  return (
    <section aria-label="Looking back" className="border-t-2 border-accent bg-accent-soft px-3 py-1.5 text-sm">
      <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
        <span id={label} className="font-medium text-accent">
          {loading || record === undefined ? "Reading what has happened …" : `As it stood after record ${record.seq}`}
        </span>
        {record !== undefined && !loading && (
          <span className="text-xs text-soft tabular-nums">
            {exact.format(record.at)}, {span(record.at - (records[0]?.at ?? record.at))} after it began
          </span>
        )}
        <Button small look="primary" className="ml-auto" onClick={onLive}>
          Back to now
        </Button>
      </div>
      {!loading && record !== undefined && (
        <>
          <div className="flex items-center gap-1">
            <IconButton small label="One record back" disabled={at === 0} onClick={() => go(at - 1)}>
              <ChevronLeft size={16} aria-hidden />
            </IconButton>
            <input
              type="range"
              aria-label="Record of the run"
              aria-valuetext={`record ${record.seq}, ${what(record)}`}
              min={0}
              max={records.length - 1}
              value={at}
              onChange={(event) => go(Number(event.target.value))}
              onKeyDown={leave}
              className="h-7 min-w-0 flex-1 accent-(--accent)"
            />
            <IconButton small label="One record on" disabled={at === records.length - 1} onClick={() => go(at + 1)}>
              <ChevronRight size={16} aria-hidden />
            </IconButton>
          </div>
          <p className="truncate text-xs text-soft">
            {what(record)}
            {!record.certain && " · some records tell nothing, so this is the earliest number that it can have"}
            {coarse && " · the run is too long to be told record by record: beginnings and ends of attempts, by their times"}
          </p>
        </>
      )}
    </section>
  );
}

/** Says what a record told. */
function what({ events, decided, seq }: HistoryRecord): string {
  const said = [
    ...decided.map((one) => `${one.decision}${one.by === undefined || one.by === null ? " by the deadline" : ` by ${one.by.name}`}`),
    ...events.map((event) => `${event.name} ${stepLook(event.phase).word}`),
  ];
  if (said.length === 0) return seq === 1 ? "the run was asked for" : "nothing of a step";
  return said.length > 3 ? `${brief(said.slice(0, 2).join(", "))}, and ${counted(said.length - 2, "thing")} more` : brief(said.join(", "));
}
