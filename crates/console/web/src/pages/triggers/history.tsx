// How a trigger became what it is, newest first, with what each change changed.
import type { Schemas } from "@/api/types";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Section } from "@/ui/page";
import { Failure, Loading } from "@/ui/states";
import { Ago, Clock } from "@/ui/time";
import { useHistory } from "./data";
import { lengthText, same } from "./draft";
import { object } from "./form/parts";

type Row = Schemas["TriggerChangeRow"];

export function History({ id }: { id: string }) {
  const history = useHistory(id);
  const rows = history.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Section title="History" className="max-w-4xl">
      {history.error && <Failure error={history.error} onRetry={() => void history.refetch()} className="m-3" />}
      {history.isPending && !history.error && <Loading />}
      <ol className="divide-y divide-line">
        {rows.map((row, n) => (
          <li key={`${row.at} ${n}`} className="flex flex-col gap-1 px-3 py-2 text-sm">
            <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
              <Badge tone={row.change === "deleted" ? "bad" : "plain"}>{row.change}</Badge>
              <span>by {row.by.name}</span>
              {row.until && (
                <span className="text-soft">
                  {row.change === "rotated" ? "the old address stays good until " : "until "}
                  <Clock at={row.until} />
                </span>
              )}
              {row.revision && <span className="text-xs text-soft">revision {row.revision}</span>}
              <Ago at={row.at} className="ml-auto text-xs text-soft" />
            </p>
            <Changes row={row} before={rows.slice(n + 1).find((older) => older.definition !== undefined)} />
          </li>
        ))}
      </ol>
      {history.hasNextPage && (
        <div className="flex justify-center border-t border-line p-2">
          <Button small busy={history.isFetchingNextPage} onClick={() => void history.fetchNextPage()}>
            Older ones
          </Button>
        </div>
      )}
    </Section>
  );
}

/** Lists the fields that a change made different. */
function Changes({ row, before }: { row: Row; before: Row | undefined }) {
  if (row.definition === undefined || before === undefined) return null;
  const [old, now] = [object(before.definition), object(row.definition)];
  const fields = [...new Set([...Object.keys(old), ...Object.keys(now)])].filter((field) => !same(old[field], now[field]));
  if (fields.length === 0) return null;
  return (
    <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-3 gap-y-0.5 font-mono text-xs">
      {fields.map((field) => (
        <div key={field} className="contents">
          <dt className="text-soft">{field}</dt>
          <dd className="wrap-anywhere">
            <del className="text-bad">{said(field, old[field])}</del> → <ins className="text-good no-underline">{said(field, now[field])}</ins>
          </dd>
        </div>
      ))}
    </dl>
  );
}

function said(field: string, value: unknown): string {
  if (value === undefined) return "nothing";
  if (typeof value === "number" && field.endsWith("_ms")) return lengthText(value);
  return typeof value === "string" ? value : JSON.stringify(value);
}
