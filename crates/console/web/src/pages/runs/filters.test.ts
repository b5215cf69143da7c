import { describe, expect, it } from "vitest";
import type { ExecutionRow } from "@/api/types";
import { fits, merged, readFilters } from "./filters";

const row = (id: string, more: Partial<ExecutionRow> = {}): ExecutionRow => ({ id, slug: "nightly", name: "Nightly report", version: "1", hash: "h", status: "running", step: 0, of: 1, by: "ann", trigger: { kind: "manual" }, test: false, started_at: 1, ...more });

describe("the list of runs", () => {
  it("reads filters out of an address, and nothing else", () => {
    expect(readFilters({ status: "failed", workflow: "a", named: "x", tests: "only" })).toEqual({ status: "failed", workflow: "a", named: "x", tests: "only" });
    expect(readFilters({ status: "open" })).toEqual({ status: "open" });
    expect(readFilters({ status: "odd", workflow: 3, named: "", tests: "yes", more: 1 })).toEqual({});
  });

  it("filters", () => {
    expect(fits(row("a"), { status: "open" })).toBe(true);
    expect(fits(row("a", { status: "failed" }), { status: "open" })).toBe(false);
    expect(fits(row("a", { status: "failed" }), { status: "failed", workflow: "nightly" })).toBe(true);
    expect(fits(row("a"), { workflow: "other" })).toBe(false);
    expect(fits(row("a"), { named: "REPORT" })).toBe(true);
    expect(fits(row("a", { trigger: { kind: "schedule", name: "weekly" } }), { named: "week" })).toBe(true);
    expect(fits(row("a"), { named: "week" })).toBe(false);
    expect(fits(row("a"), { tests: "only" })).toBe(false);
    expect(fits(row("a", { test: true }), { tests: "none" })).toBe(false);
  });

  it("believes the feed before what was read, and has each run once", () => {
    const rows = merged([row("b", { started_at: 2, status: "completed" })], [row("a"), row("b", { started_at: 2 })]);
    expect(rows.map(({ id, status }) => `${id} ${status}`)).toEqual(["b completed", "a running"]);
  });
});
