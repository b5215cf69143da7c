// The journal of an actor, page by page: what each record says has happened, and what it asked for.
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Json } from "@/ui/json";
import { Section } from "@/ui/page";
import { Empty, Failure, Loading } from "@/ui/states";
import type { Detail, JournalRow, Kind } from "../data/admin";
import { JOURNAL_PAGE, admin } from "../data/admin";

interface JournalProps {
  kind: Kind;
  id: string;
  detail: Detail;
}

export function Journal({ kind, id, detail }: JournalProps) {
  const search = useSearch({ from: "/operators/$kind/$id" });
  const navigate = useNavigate();
  const first = detail.floor + 1;
  // The newest page when no other was asked for.
  const newest = Math.max(first, detail.seq - JOURNAL_PAGE + 1);
  const from = Math.max(first, Math.min(detail.seq, search.from ?? newest));
  const page = useQuery({ queryKey: ["admin", "journal", kind, id, from, detail.seq], queryFn: () => admin.journal(kind, id, from) });
  const go = (to: number) => void navigate({ to: "/operators/$kind/$id", params: { kind, id }, search: { tab: "journal", from: Math.max(first, to) }, replace: true });
  const rows = page.data?.items ?? [];
  const last = rows[rows.length - 1]?.seq ?? from;
  const walk = (
    <div className="flex flex-wrap gap-1" role="group" aria-label="Pages of the journal">
      <Button small look="quiet" disabled={from <= first} onClick={() => go(first)}>
        Oldest
      </Button>
      <Button small look="quiet" disabled={from <= first} onClick={() => go(from - JOURNAL_PAGE)}>
        Older
      </Button>
      <Button small look="quiet" disabled={last >= detail.seq} onClick={() => go(from + JOURNAL_PAGE)}>
        Newer
      </Button>
      <Button small look="quiet" disabled={from >= newest} onClick={() => go(newest)}>
        Newest
      </Button>
    </div>
  );
  return (
    <Section title={rows.length === 0 ? "Journal" : `Records ${from} to ${last} of ${detail.seq}`} actions={walk}>
      {detail.floor > 0 && <p className="border-b border-line px-3 py-2 text-xs text-soft">Records up to {detail.floor} were compacted away.</p>}
      {page.isPending && <Loading rows={6} />}
      {page.isError && <Failure error={page.error} onRetry={() => void page.refetch()} className="m-3" />}
      {page.data !== undefined && rows.length === 0 && <Empty title="There are no records here" />}
      <ol>
        {rows.map((row) => (
          <Record key={row.seq} kind={kind} id={id} row={row} first={first} />
        ))}
      </ol>
    </Section>
  );
}

function Record({ kind, id, row, first }: { kind: Kind; id: string; row: JournalRow; first: number }) {
  return (
    <li className="border-b border-line last:border-0">
      <details>
        <summary className="flex flex-wrap items-center gap-x-3 gap-y-1 px-3 py-2 text-sm hover:bg-sunken">
          <span className="w-12 font-mono text-xs text-soft">#{row.seq}</span>
          <When at={row.at} />
          <span className="flex min-w-40 flex-1 flex-wrap gap-1">
            {row.events.map((event, n) => (
              <Badge key={n} tone="accent">
                {typeOf(event)}
              </Badge>
            ))}
            {row.events.length === 0 && <span className="text-xs text-soft">no events</span>}
          </span>
          {row.effects.length > 0 && (
            <span className="text-xs text-soft">
              {row.effects.length} {row.effects.length === 1 ? "effect" : "effects"}
            </span>
          )}
        </summary>
        <div className="flex flex-col gap-2 px-3 pb-3">
          <p className="flex flex-wrap items-center gap-3 text-xs text-soft">
            position {row.position}
            <Link to="/operators/$kind/$id" params={{ kind, id }} search={{ tab: "state", seq: row.seq }} className="text-accent underline">
              State after it
            </Link>
            {row.seq > first && (
              <Link to="/operators/$kind/$id" params={{ kind, id }} search={{ tab: "state", seq: row.seq, since: row.seq - 1 }} className="text-accent underline">
                What it changed
              </Link>
            )}
          </p>
          <Tree name="Events" value={row.events} />
          {row.effects.length > 0 && <Tree name="Effects" value={row.effects} />}
        </div>
      </details>
    </li>
  );
}

const instant = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3 });
const whole = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
const day = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });

/** When a record was written, as finely as it is known: what stands close together is what one looks for here. */
function When({ at }: { at: number }) {
  const date = new Date(at);
  const today = date.toDateString() === new Date().toDateString();
  return (
    <time dateTime={date.toISOString()} title={whole.format(date)} className="w-32 text-xs text-soft tabular-nums">
      {today ? instant.format(date) : `${day.format(date)}, ${instant.format(date)}`}
    </time>
  );
}

function Tree({ name, value }: { name: string; value: unknown }) {
  return (
    <div>
      <h3 className="text-xs font-medium text-soft">{name}</h3>
      <Json value={value} depth={2} />
    </div>
  );
}

/** Returns what an event calls itself. */
function typeOf(event: unknown): string {
  const type = typeof event === "object" && event !== null && "type" in event ? event.type : undefined;
  return typeof type === "string" ? type.replaceAll("_", " ") : "event";
}
