import { describe, expect, it } from "vitest";
import type { StepView } from "@/api/types";
import { readSteps } from "@/ui/flow";
import { scopeAt } from "./scope";

const loop = (concurrency: number) => ({ id: "each", type: "loop", over: "inputs.hosts", concurrency, steps: [{ id: "ping", type: "bash" }, { id: "note", type: "set" }] });
const given = (concurrency = 1) => ({
  steps: readSteps({
    steps: [
      { id: "first", type: "bash", output: "build" },
      loop(concurrency),
      { id: "sides", type: "parallel", branches: [{ name: "l", steps: [{ id: "a", type: "bash" }] }, { name: "r", steps: [{ id: "b", type: "bash" }] }] },
      { id: "last", type: "bash" },
    ],
  }),
  inputs: { hosts: ["x", "y"] },
});
const row = (path: string, started_at: number, at: number, output: unknown, kind = "bash"): StepView => ({ path, attempt: 1, phase: "completed", at, started_at, seq: started_at, name: path, kind, output });
const rows = [
  row("first", 1, 2, "built"),
  row("each:i0/ping", 3, 4, "ping x"),
  row("each:i0/note", 4, 5, { seen: 1 }, "set"),
  row("each:i1/ping", 5, 6, "ping y"),
  row("each:i1/note", 6, 7, { seen: 2 }, "set"),
  row("sides:b0/a", 8, 9, "a"),
  row("sides:b1/b", 9, 12, "b"),
  row("last", 13, 14, "z"),
];
const read = (path: string | null, concurrency?: number) => {
  const { outputs, variables } = scopeAt({ ...given(concurrency), rows }, path);
  return Object.fromEntries([...outputs, ...variables].map(({ name, value }) => [name, value]));
};

describe("what can be read at a step", () => {
  it("is what steps before it gave, by both of their names", () => {
    expect(read("each:i0/ping")).toEqual({ first: "built", build: "built" });
    expect(read("first")).toEqual({});
  });

  it("holds what rounds before it left, when they run in turn", () => {
    expect(read("each:i1/ping")).toEqual({ first: "built", build: "built", ping: "ping x", note: { seen: 1 }, seen: 1 });
    expect(read("each:i1/ping", 4)).toEqual({ first: "built", build: "built" });
  });

  it("does not hold what the branch beside it gave", () => {
    expect(read("sides:b1/b")).not.toHaveProperty("a");
    expect(read("last")).toMatchObject({ a: "a", b: "b", ping: "ping y", seen: 2 });
  });

  it("is all there is by now without a step", () => {
    expect(read(null)).toMatchObject({ last: "z", seen: 2 });
  });
});
