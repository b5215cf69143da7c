// JSON pointers, as changes name their places.
import type { Change } from "./admin";

/** Returns the names that lead to a place. */
export function parts(pointer: string): string[] {
  return pointer
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** Returns the places of changes as the tree names them. What is gone has no place any more: there its parent is marked. */
export function marks(changes: readonly Change[]): ReadonlySet<string> {
  const marked = new Set<string>();
  for (const change of changes) {
    const names = parts(change.at);
    const there = change.after === null || change.after === undefined ? names.slice(0, -1) : names;
    // The whole state as one mark would say nothing.
    if (there.length > 0) marked.add(`/${there.join("/")}`);
  }
  return marked;
}

/** What became of a place. */
export function became(change: Change): "new" | "gone" | "changed" {
  if (change.before === null || change.before === undefined) return "new";
  return change.after === null || change.after === undefined ? "gone" : "changed";
}
