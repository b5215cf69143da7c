// The list of runs: live from the feed, older ones by pages.
import { useMemo, useState } from "react";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Play, X } from "lucide-react";
import { api, ask } from "@/api/client";
import type { ExecutionRow } from "@/api/types";
import { useFeedKnown, useRows } from "@/live/feed";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Input, Select } from "@/ui/field";
import { Page } from "@/ui/page";
import { Empty, Failure, Loading } from "@/ui/states";
import { RunStatus, runLook } from "@/ui/status";
import { Ago, Elapsed } from "@/ui/time";
import type { Filters } from "./filters";
import { STATUSES, fits, merged } from "./filters";
import { StartDialog } from "./start";
import { ledBy, waitsFor } from "./words";

/** So many rows of each list the feed tells; there may be older ones. */
const FEED_ROWS_MAX = 200;
const PAGE = "100";

export function Runs() {
  const filters = useSearch({ from: "/runs" });
  const navigate = useNavigate({ from: "/runs" });
  const live = useRows("execution");
  const known = useFeedKnown();
  const [older, setOlder] = useState(false);
  const [starting, setStarting] = useState(false);
  const { status, workflow } = filters;
  const pages = useInfiniteQuery({
    queryKey: ["runs", status ?? null, workflow ?? null],
    enabled: older,
    initialPageParam: "",
    queryFn: ({ pageParam }) =>
      ask(
        api.GET("/api/executions", {
          params: { query: { limit: PAGE, ...(pageParam === "" ? {} : { cursor: pageParam }), ...(workflow === undefined ? {} : { workflow }), ...(status === undefined || status === "open" ? {} : { status }) } },
        }),
      ),
    getNextPageParam: (page) => page.cursor ?? undefined,
  });
  const all = useMemo(() => merged(live, pages.data?.pages.flatMap((page) => page.items) ?? []), [live, pages.data]);
  const rows = useMemo(() => all.filter((row) => fits(row, filters)), [all, filters]);
  const more = older ? pages.hasNextPage : live.length >= FEED_ROWS_MAX;
  const filtered = Object.keys(filters).length > 0;
  const set = (change: Filters) => void navigate({ search: (before) => clean({ ...before, ...change }), replace: true });

  return (
    <Page
      title="Runs"
      actions={
        <Button look="primary" icon={<Play size={15} aria-hidden />} onClick={() => setStarting(true)}>
          Start a run …
        </Button>
      }
      below={<FilterBar filters={filters} all={all} onChange={set} onClear={filtered ? () => void navigate({ search: {}, replace: true }) : null} />}
    >
      {!known && all.length === 0 ? (
        <Loading what="Loading the runs" rows={6} />
      ) : rows.length === 0 ? (
        <Nothing filtered={filtered} more={more} onStart={() => setStarting(true)} />
      ) : (
        <ul aria-label="Runs" className="mx-auto max-w-6xl overflow-hidden rounded-lg border border-line bg-surface">
          {rows.map((row) => (
            <Row key={row.id} row={row} />
          ))}
        </ul>
      )}
      {pages.isError && <Failure error={pages.error} onRetry={() => void pages.refetch()} className="mx-auto mt-3 max-w-6xl" />}
      {more && !pages.isError && (
        <div className="mt-3 flex flex-col items-center gap-1">
          <Button busy={pages.isFetching} onClick={() => (older ? void pages.fetchNextPage() : setOlder(true))}>
            Older runs
          </Button>
          {filters.named !== undefined && <p className="text-xs text-soft">Names are searched among the {all.length} runs that are loaded.</p>}
        </div>
      )}
      {starting && <StartDialog onClose={() => setStarting(false)} />}
    </Page>
  );
}

/** Leaves out what filters nothing. */
function clean(filters: { [K in keyof Filters]: Filters[K] | undefined }): Filters {
  return Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== undefined && value !== "")) as Filters;
}

interface FilterBarProps {
  filters: Filters;
  all: readonly ExecutionRow[];
  onChange: (change: Filters) => void;
  onClear: (() => void) | null;
}

function FilterBar({ filters, all, onChange, onClear }: FilterBarProps) {
  const stored = useRows("workflow");
  const workflows = useMemo(() => {
    const names = new Map(all.map((row) => [row.slug, row.name]));
    for (const row of stored) names.set(row.slug, row.name);
    if (filters.workflow !== undefined && !names.has(filters.workflow)) names.set(filters.workflow, filters.workflow);
    return [...names].sort(([, a], [, b]) => a.localeCompare(b));
  }, [all, stored, filters.workflow]);
  const chosen = (value: string) => (value === "" ? undefined : value) as never;
  return (
    <div role="search" aria-label="Filter the runs" className="flex flex-wrap items-center gap-2 pb-2.5">
      <Input aria-label="Search in names" type="search" placeholder="Search in names" value={filters.named ?? ""} onChange={(event) => onChange({ named: event.target.value })} className="h-8! min-w-0 flex-[1_1_10rem] sm:max-w-64" />
      <Select aria-label="Status" value={filters.status ?? ""} onChange={(event) => onChange({ status: chosen(event.target.value) })} className="h-8! w-auto! py-0!">
        <option value="">Any status</option>
        <option value="open">not over</option>
        {STATUSES.map((status) => (
          <option key={status} value={status}>
            {runLook(status).word}
          </option>
        ))}
      </Select>
      <Select aria-label="Workflow" value={filters.workflow ?? ""} onChange={(event) => onChange({ workflow: chosen(event.target.value) })} className="h-8! w-auto! max-w-48 py-0!">
        <option value="">Any workflow</option>
        {workflows.map(([slug, name]) => (
          <option key={slug} value={slug}>
            {name}
          </option>
        ))}
      </Select>
      <Select aria-label="Test runs" value={filters.tests ?? ""} onChange={(event) => onChange({ tests: chosen(event.target.value) })} className="h-8! w-auto! py-0!">
        <option value="">With test runs</option>
        <option value="none">No test runs</option>
        <option value="only">Test runs only</option>
      </Select>
      {onClear !== null && (
        <Button small look="quiet" icon={<X size={14} aria-hidden />} onClick={onClear}>
          Clear
        </Button>
      )}
    </div>
  );
}

function Nothing({ filtered, more, onStart }: { filtered: boolean; more: boolean; onStart: () => void }) {
  if (filtered) return <Empty title="No run fits">{more ? "Among the newest none does; there are older ones." : "Change the filters, or clear them."}</Empty>;
  return (
    <Empty title="Nothing has run yet" action={<Button onClick={onStart}>Start a run</Button>}>
      A run is one go of a workflow. Start one here, by its schedule or hook, or from a chat.
    </Empty>
  );
}

function Row({ row }: { row: ExecutionRow }) {
  const waits = waitsFor(row);
  return (
    <li className="relative grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-3 gap-y-0.5 border-b border-line px-3 py-2 [contain-intrinsic-size:auto_3.5rem] [content-visibility:auto] last:border-b-0 focus-within:bg-sunken hover:bg-sunken">
      <div className="flex min-w-0 flex-wrap items-center gap-x-2 gap-y-1">
        <Link to="/runs/$run" params={{ run: row.id }} className="min-w-0 truncate font-medium after:absolute after:inset-0">
          {row.name}
        </Link>
        <RunStatus status={row.status} />
        {row.test === true && <Badge tone="accent">test</Badge>}
        {row.retry_of !== undefined && row.retry_of !== null && <Badge>retry</Badge>}
        {row.parent !== undefined && row.parent !== null && <Badge>child</Badge>}
        {waits !== undefined && <span className="text-xs text-warn">{waits}</span>}
      </div>
      <Progress row={row} />
      <p className="min-w-0 truncate text-xs text-soft">
        {row.error ? <span className="text-bad">{row.error.message}</span> : row.current ? <span className="font-mono">{row.current}</span> : null}
        {(row.error || row.current) && " · "}
        <Ago at={row.started_at} /> {ledBy(row)}
      </p>
      <span className="text-right text-xs text-soft tabular-nums">
        <Elapsed since={row.started_at} until={row.ended_at ?? null} />
      </span>
    </li>
  );
}

function Progress({ row }: { row: ExecutionRow }) {
  const tone = { failed: "bg-bad", cancelled: "bg-line-strong", completed: "bg-good" }[row.status as string] ?? "bg-busy";
  return (
    <span className="flex items-center gap-2 text-xs text-soft tabular-nums">
      <span aria-hidden className="hidden h-1 w-20 overflow-hidden rounded-full bg-sunken sm:block">
        <span className={`block h-full ${tone}`} style={{ width: `${row.of === 0 ? 0 : (row.step / row.of) * 100}%` }} />
      </span>
      {row.step} of {row.of}
    </span>
  );
}
