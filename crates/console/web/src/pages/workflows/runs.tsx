// The runs of one workflow, newest first.
import { useMemo } from "react";
import { Link } from "@tanstack/react-router";
import { useInfiniteQuery } from "@tanstack/react-query";
import { api, ask } from "@/api/client";
import type { ExecutionRow } from "@/api/types";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Empty, Failure, Loading } from "@/ui/states";
import { RunStatus } from "@/ui/status";
import { Ago, Elapsed } from "@/ui/time";
import type { WorkflowRow } from "./data";
import { useRuns } from "./data";
import { shortHash } from "./words";

export function Runs({ row, onRun }: { row: WorkflowRow; onRun: () => void }) {
  const live = useRuns(row.id);
  const pages = useInfiniteQuery({
    queryKey: ["workflow", row.id, "runs"],
    queryFn: ({ pageParam }) => ask(api.GET("/api/executions", { params: { query: { workflow: row.id, limit: "50", ...(pageParam === "" ? {} : { cursor: pageParam }) } } })),
    initialPageParam: "",
    getNextPageParam: (page) => page.cursor ?? undefined,
  });
  const runs = useMemo(() => {
    // What the feed knows is newer than what was read.
    const seen = new Set(live.map((run) => run.id));
    return [...live, ...(pages.data?.pages.flatMap((page) => page.items) ?? []).filter((run) => !seen.has(run.id))];
  }, [live, pages.data]);
  if (pages.isError) return <Failure error={pages.error} onRetry={() => void pages.refetch()} className="m-4" />;
  if (pages.data === undefined && runs.length === 0) return <Loading what="Loading the runs" />;
  if (runs.length === 0) {
    return (
      <Empty title="It has never run" action={row.enabled ? <Button onClick={onRun}>Run it</Button> : undefined}>
        Run it by hand, or give it a trigger that does.
      </Empty>
    );
  }
  return (
    <div className="min-h-0 flex-1 overflow-auto p-4">
      <ul aria-label="Runs" className="mx-auto max-w-5xl overflow-hidden rounded-lg border border-line bg-surface">
        {runs.map((run) => (
          <Run key={run.id} run={run} current={run.hash === row.hash} />
        ))}
      </ul>
      {pages.hasNextPage && (
        <Button className="mx-auto mt-3 flex" busy={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
          Show older runs
        </Button>
      )}
    </div>
  );
}

function Run({ run, current }: { run: ExecutionRow; current: boolean }) {
  return (
    <li className="relative flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-line px-3 py-2 text-sm last:border-b-0 hover:bg-sunken">
      <RunStatus status={run.status} />
      <Link to="/runs/$run" params={{ run: run.id }} className="after:absolute after:inset-0">
        <span className="sr-only">Run of </span>
        <Ago at={run.started_at} />
      </Link>
      <span className="text-soft">
        {run.trigger.name ?? run.trigger.kind} by {run.by}
      </span>
      {run.test === true && <Badge>test</Badge>}
      {!current && <Badge title={run.hash}>version {shortHash(run.hash)}</Badge>}
      <span className="ml-auto text-xs text-soft tabular-nums">
        step {run.step} of {run.of}
        {", "}
        <Elapsed since={run.started_at} until={run.ended_at ?? null} />
      </span>
      {run.error && <p className="w-full truncate text-xs text-bad">{run.error.message}</p>}
    </li>
  );
}
