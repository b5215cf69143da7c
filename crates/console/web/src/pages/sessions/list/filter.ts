// Which sessions of the list are shown.
import type { Schemas, SessionRow } from "@/api/types";

export type StateFilter = "all" | "open" | SessionRow["status"];
export type PurposeFilter = "all" | Schemas["Purpose"];

export interface Filter {
  text: string;
  state: StateFilter;
  purpose: PurposeFilter;
}

export const everything: Filter = { text: "", state: "all", purpose: "all" };

export function matches(row: SessionRow, { text, state, purpose }: Filter): boolean {
  if (state === "open" ? row.status === "terminated" : state !== "all" && row.status !== state) return false;
  if (purpose !== "all" && row.purpose !== purpose) return false;
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const title = (row.title || "Untitled session").toLowerCase();
  return words.every((word) => title.includes(word));
}

/** Joins what the feed has with what was read in pages: the feed's rows are the newer ones. */
export function joined<R extends SessionRow>(live: readonly R[], read: readonly SessionRow[]): SessionRow[] {
  const known = new Set(live.map((row) => row.id));
  const older = read.filter((row) => !known.has(row.id));
  return [...live, ...older].sort((a, b) => b.updated_at - a.updated_at || (a.id < b.id ? 1 : -1));
}
