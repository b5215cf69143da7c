// Everything that the palette finds: what the feed knows, the places, and what one can do from anywhere.
import type { ExecutionRow, Waiting } from "@/api/types";
import type { Rows } from "@/live/feed";
import { runLook, sessionLook } from "@/ui/status";

export type Group = "Actions" | "Pages" | "Approvals" | "Sessions" | "Runs" | "Workflows" | "Triggers";

export interface Entry {
  id: string;
  group: Group;
  name: string;
  /** What stands beside the name; it is searched as well. */
  beside?: string;
  /** The keys that do the same. */
  keys?: string;
  /** Where it leads; an action does something instead. */
  to?: string;
  act?: () => void;
}

/** What the feed knows, as far as the palette finds it. */
export interface Known {
  session: readonly Rows["session"][];
  execution: readonly ExecutionRow[];
  workflow: readonly Rows["workflow"][];
  trigger: readonly Rows["trigger"][];
  approval: readonly Waiting[];
}

/** Returns an entry for everything that the feed knows; what waits for a person comes first. */
export function known(feed: Known): Entry[] {
  return [
    ...feed.approval.map((row) => ({ id: row.id, group: "Approvals" as const, name: asked(row), beside: "waits for you", to: "/approvals" })),
    ...feed.session.map((row) => ({
      id: row.id,
      group: "Sessions" as const,
      name: row.title || "Untitled session",
      beside: sessionLook(row.status).word,
      to: `/sessions/${row.id}`,
    })),
    ...feed.execution.map((row) => ({
      id: row.id,
      group: "Runs" as const,
      name: row.name,
      beside: [runLook(row.status).word, row.trigger.name ?? row.trigger.kind].join(" · "),
      to: `/runs/${row.id}`,
    })),
    ...feed.workflow.map((row) => ({
      id: row.id,
      group: "Workflows" as const,
      name: row.name,
      beside: row.enabled ? row.slug : `${row.slug} · disabled`,
      to: `/workflows/${row.id}`,
    })),
    ...feed.trigger.map((row) => ({ id: row.id, group: "Triggers" as const, name: row.name, beside: row.words, to: `/triggers/${row.id}` })),
  ];
}

/** So many of the newest sessions and runs come before the actions. */
const NEWEST = 4;

/** Orders what is shown while nothing was typed: what waits, how to begin, where one was, then all the rest. */
export function ordered(rows: readonly Entry[], actions: readonly Entry[]): Entry[] {
  const of = (group: Group) => rows.filter((row) => row.group === group);
  const isBeginning = (entry: Entry) => entry.id === "new-session" || entry.id === "new-workflow";
  const first = [...of("Approvals"), ...actions.filter(isBeginning), ...of("Sessions").slice(0, NEWEST), ...of("Runs").slice(0, NEWEST)];
  const shown = new Set(first);
  return [...first, ...[...actions, ...rows].filter((entry) => !shown.has(entry))];
}

function asked(row: Waiting): string {
  if ("prompt" in row) return `${row.workflow}: ${row.prompt}`;
  if ("tool" in row) return `Call of ${row.tool}`;
  return `Budget of ${row.budget} is used up`;
}
