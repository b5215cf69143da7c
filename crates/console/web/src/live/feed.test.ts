import { describe, expect, it } from "vitest";
import type { FeedEvent, ListRow } from "@/api/types";
import { emptyFeed, foldFeed } from "./feed";

const row = (list: string, id: string, title: string): ListRow => ({ list, id, rank: 1, row: { id, title } });
const fold = (...events: FeedEvent[]) => events.reduce(foldFeed, emptyFeed);

describe("the feed", () => {
  it("replaces everything but runners by a snapshot", () => {
    const state = fold(
      { type: "list", list: "runner", rows: [row("runner", "r", "one")] },
      { type: "snapshot", position: 1, rows: [row("session", "a", "one")] },
      { type: "snapshot", position: 2, rows: [row("session", "b", "two")] },
    );
    expect([...(state.lists.session?.keys() ?? [])]).toEqual(["b"]);
    expect([...(state.lists.runner?.keys() ?? [])]).toEqual(["r"]);
    expect(state.known).toBe(true);
  });

  it("takes every row twice without a change", () => {
    const told: FeedEvent[] = [
      { type: "row", position: 1, row: row("session", "a", "one") },
      { type: "row", position: 2, row: row("session", "a", "two") },
      { type: "row.gone", position: 3, list: "session", id: "b" },
    ];
    expect(fold(...told, ...told).lists).toEqual(fold(...told).lists);
    expect(fold(...told).lists.session?.get("a")?.row).toEqual({ id: "a", title: "two" });
  });

  it("forgets what is gone", () => {
    const state = fold(
      { type: "row", position: 1, row: row("session", "a", "one") },
      { type: "row.gone", position: 2, list: "session", id: "a" },
    );
    expect(state.lists.session?.size).toBe(0);
  });
});
