// All workflows: what there is, whether it may run, and how it went last.
import { useMemo, useState } from "react";
import { Link } from "@tanstack/react-router";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Plus, Search } from "lucide-react";
import { api, ask } from "@/api/client";
import type { ExecutionRow } from "@/api/types";
import { useFeedKnown, useRows } from "@/live/feed";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { cx } from "@/ui/classes";
import { Input, Select } from "@/ui/field";
import { Page } from "@/ui/page";
import { Empty, Failure, Loading } from "@/ui/states";
import { RunStatus } from "@/ui/status";
import { Ago } from "@/ui/time";
import type { WorkflowRow } from "./data";
import { EnabledSwitch } from "./switch";

/** The feed has the newest so many. */
const FEED_MAX = 200;

export function WorkflowList() {
  const known = useFeedKnown();
  const newest = useRows("workflow");
  const [wanted, setWanted] = useState("");
  const [state, setState] = useState<"all" | "enabled" | "disabled">("all");
  const older = useOlder();
  const rows = useMemo(() => {
    const seen = new Set(newest.map((row) => row.id));
    return [...newest, ...older.rows.filter((row) => !seen.has(row.id))];
  }, [newest, older.rows]);
  const shown = rows.filter((row) => (state === "all" || row.enabled === (state === "enabled")) && fits(row, wanted));
  return (
    <Page
      title="Workflows"
      actions={
        <Link to="/workflows/new" className={newLook}>
          <Plus size={16} aria-hidden />
          New workflow
        </Link>
      }
    >
      {!known ? (
        <Loading what="Loading workflows" rows={5} />
      ) : rows.length === 0 ? (
        <Empty title="There are no workflows yet" action={<Link to="/workflows/new" className={newLook}>Write the first one</Link>}>
          A workflow is a list of steps (commands, agents, approvals, loops) that goes on after a restart and never does a finished step twice. Write one here, describe one in words, or sync files with{" "}
          <code className="font-mono text-xs">tenure workflow sync</code>.
        </Empty>
      ) : (
        <div className="mx-auto flex max-w-5xl flex-col gap-3">
          <div className="flex flex-wrap gap-2">
            <div className="relative min-w-40 flex-1">
              <Search size={15} aria-hidden className="pointer-events-none absolute top-2.5 left-2.5 text-soft" />
              <Input type="search" aria-label="Find a workflow" placeholder="Name, slug or tag" value={wanted} onChange={(event) => setWanted(event.target.value)} className="pl-8" />
            </div>
            <div className="w-32">
              <Select aria-label="Which workflows" value={state} onChange={(event) => setState(event.target.value as typeof state)}>
                <option value="all">All</option>
                <option value="enabled">Enabled</option>
                <option value="disabled">Disabled</option>
              </Select>
            </div>
          </div>
          {shown.length === 0 ? <Empty title="No workflow fits">Take another word, or another state.</Empty> : <Rows rows={shown} />}
          {newest.length >= FEED_MAX && older.more && (
            <Button className="self-center" busy={older.busy} onClick={older.load}>
              Show older ones
            </Button>
          )}
          {older.error !== null && <Failure error={older.error} onRetry={older.load} />}
        </div>
      )}
    </Page>
  );
}

const newLook = "inline-flex h-9 items-center gap-1.5 rounded-md bg-accent px-3 text-sm font-medium text-on-accent hover:opacity-90";

function fits(row: WorkflowRow, wanted: string): boolean {
  const words = wanted.toLowerCase().split(/\s+/).filter(Boolean);
  const text = [row.name, row.slug, row.description ?? "", ...(row.tags ?? [])].join(" ").toLowerCase();
  return words.every((word) => text.includes(word));
}

function Rows({ rows }: { rows: WorkflowRow[] }) {
  const runs = useRows("execution");
  const last = useMemo(() => {
    const found = new Map<string, ExecutionRow>();
    for (const run of runs) if (run.workflow !== null && run.workflow !== undefined && run.test !== true && !found.has(run.workflow)) found.set(run.workflow, run);
    return found;
  }, [runs]);
  return (
    <ul className="overflow-hidden rounded-lg border border-line bg-surface">
      {rows.map((row) => (
        <Row key={row.id} row={row} last={last.get(row.id)} />
      ))}
    </ul>
  );
}

function Row({ row, last }: { row: WorkflowRow; last: ExecutionRow | undefined }) {
  return (
    <li className="relative flex items-start gap-3 border-b border-line px-3 py-2.5 last:border-b-0 hover:bg-sunken/60 sm:items-center">
      <div className={cx("min-w-0 flex-1", !row.enabled && "text-soft")}>
        <div className="flex flex-wrap items-center gap-x-2 gap-y-0.5">
          <Link to="/workflows/$workflow" params={{ workflow: row.slug }} className="font-medium after:absolute after:inset-0 hover:text-accent">
            {row.name}
          </Link>
          <span className="font-mono text-xs text-soft">{row.slug}</span>
          {!row.enabled && <Badge>disabled</Badge>}
          {row.proposals > 0 && <Badge tone="warn">{row.proposals === 1 ? "1 proposal waits" : `${row.proposals} proposals wait`}</Badge>}
          {row.tags?.map((tag) => (
            <Badge key={tag}>{tag}</Badge>
          ))}
        </div>
        {row.description && <p className="mt-0.5 truncate text-sm text-soft">{row.description}</p>}
        <p className="mt-0.5 flex flex-wrap items-center gap-x-2 text-xs text-soft">
          <span>
            {row.steps === 1 ? "1 step" : `${row.steps} steps`}, version {row.version}
          </span>
          <span>
            changed <Ago at={row.updated_at} />
          </span>
        </p>
      </div>
      <div className="flex shrink-0 flex-col items-end gap-1.5 sm:flex-row sm:items-center sm:gap-4">
        {last === undefined ? (
          <span className="text-xs text-soft">no recent run</span>
        ) : (
          <Link to="/runs/$run" params={{ run: last.id }} aria-label={`Last run: ${last.status}`} className="relative z-10 flex flex-col items-end gap-0.5 text-xs text-soft sm:flex-row sm:items-center sm:gap-2">
            <Ago at={last.started_at} />
            <RunStatus status={last.status} />
          </Link>
        )}
        <span className="relative z-10">
          <EnabledSwitch row={row} />
        </span>
      </div>
    </li>
  );
}

/** Pages of all workflows, for those that are older than the feed's. */
function useOlder() {
  const pages = useInfiniteQuery({
    queryKey: ["workflow", "pages"],
    queryFn: ({ pageParam }) => ask(api.GET("/api/workflows", { params: { query: { limit: "200", ...(pageParam === "" ? {} : { cursor: pageParam }) } } })),
    initialPageParam: "",
    getNextPageParam: (page) => page.cursor ?? undefined,
    enabled: false,
  });
  const rows = useMemo(() => pages.data?.pages.flatMap((page) => page.items) ?? [], [pages.data]);
  return { rows, more: pages.data === undefined || pages.hasNextPage, busy: pages.isFetching, error: pages.error, load: () => void pages.fetchNextPage() };
}
