// One decision of a trigger in a line: when, what led to it, what became of it, and why.
import { Badge } from "@/ui/badge";
import { Ago } from "@/ui/time";
import type { LedgerEntry } from "./data";
import { Became, Cause, OutcomeBadge } from "./words";
import { Sentence } from "./sentence";

export function EntryLine({ entry }: { entry: LedgerEntry }) {
  return (
    <div className="flex min-w-0 flex-1 flex-col gap-0.5 text-sm">
      <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
        <OutcomeBadge outcome={entry.outcome} />
        <span>
          <Cause entry={entry} />
        </span>
        {entry.test && <Badge>trial</Badge>}
        <Became entry={entry} />
        <Ago at={entry.at} className="ml-auto text-xs text-soft" />
      </div>
      {entry.reason && <p className="text-xs text-soft wrap-anywhere"><Sentence text={entry.reason} /></p>}
    </div>
  );
}
