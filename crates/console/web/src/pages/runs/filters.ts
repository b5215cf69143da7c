// Which runs a list shows. Pure.
import type { ExecutionRow, ExecutionStatus } from "@/api/types";
import { isRunOver } from "@/ui/status";

export interface Filters {
  /** One status, or all that is not over. */
  status?: ExecutionStatus | "open";
  /** The slug of a workflow. */
  workflow?: string;
  /** Part of a name. */
  named?: string;
  /** Test runs: with the others when absent. */
  tests?: "only" | "none";
}

export const STATUSES: readonly ExecutionStatus[] = ["pending", "queued", "running", "waiting", "pausing", "paused", "cancelling", "completed", "failed", "cancelled"];

/** Reads filters out of an address. */
export function readFilters(search: Record<string, unknown>): Filters {
  const { status, workflow, named, tests } = search;
  return {
    ...(status === "open" || STATUSES.some((one) => one === status) ? { status: status as ExecutionStatus } : {}),
    ...(typeof workflow === "string" && workflow !== "" ? { workflow } : {}),
    ...(typeof named === "string" && named !== "" ? { named } : {}),
    ...(tests === "only" || tests === "none" ? { tests } : {}),
  };
}

export function fits(row: ExecutionRow, { status, workflow, named, tests }: Filters): boolean {
  if (status !== undefined && (status === "open" ? isRunOver(row.status) : row.status !== status)) return false;
  if (workflow !== undefined && row.slug !== workflow) return false;
  if (tests !== undefined && (row.test === true) !== (tests === "only")) return false;
  if (named === undefined) return true;
  const wanted = named.toLowerCase();
  return [row.name, row.slug, row.by, row.trigger.name ?? ""].some((text) => text.toLowerCase().includes(wanted));
}

/** Puts what the feed tells before what was read by pages, each run once, newest first. */
export function merged(live: readonly ExecutionRow[], read: readonly ExecutionRow[]): ExecutionRow[] {
  const rows = new Map<string, ExecutionRow>();
  for (const row of [...read, ...live]) rows.set(row.id, row);
  return [...rows.values()].sort((a, b) => b.started_at - a.started_at || (a.id < b.id ? 1 : -1));
}
