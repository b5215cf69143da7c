import { describe, expect, it } from "vitest";
import type { StepEvent, StepView } from "@/api/types";
import { readSteps } from "@/ui/flow";
import type { StepNode } from "./tree";
import { everyNode, flowStates, stepAt, treeOf } from "./tree";

const definition = {
  steps: [
    { id: "test", type: "bash", catch: [{ id: "tell", type: "notify" }] },
    { id: "deploy", type: "loop", over: "inputs.hosts", item: "host", steps: [{ id: "check", type: "conditional", then: [{ id: "push", type: "bash" }], else: [{ id: "skip", type: "set" }] }] },
    { id: "sides", type: "parallel", branches: [{ name: "left", steps: [{ id: "a", type: "bash" }] }, { name: "right", steps: [{ id: "b", type: "bash" }] }] },
  ],
};
const steps = readSteps(definition);
let seq = 0;
const row = (path: string, phase: StepEvent["phase"], more: Partial<StepView> = {}): StepView => ({ path, attempt: 1, phase, at: 10, name: path, kind: "bash", seq: ++seq, started_at: 5, ...more });
const grow = (...rows: StepView[]) => treeOf(steps, rows);
const paths = (tree: readonly StepNode[]) => [...everyNode(tree)].map((node) => `${node.path}${node.row === undefined ? "" : ` ${node.row.phase}`}`);
const at = (tree: readonly StepNode[], path: string) => [...everyNode(tree)].find((node) => node.path === path);

describe("the tree of a run", () => {
  it("has every step of the definition before anything has begun, but no rounds", () => {
    expect(paths(grow())).toEqual(["test", "test:catch/tell", "deploy", "sides", "sides:b0/a", "sides:b1/b"]);
  });

  it("puts rows where their paths say, rounds in the order of their numbers", () => {
    const tree = grow(row("test", "completed"), row("deploy", "started"), row("deploy:i10/check", "started"), row("deploy:i2/check", "completed"), row("deploy:i2/check:then/push", "completed"));
    expect(paths(tree)).toEqual([
      "test completed",
      "test:catch/tell",
      "deploy started",
      "deploy:i2/check completed",
      "deploy:i2/check:then/push completed",
      "deploy:i2/check:else/skip",
      "deploy:i10/check started",
      "deploy:i10/check:then/push",
      "deploy:i10/check:else/skip",
      "sides",
      "sides:b0/a",
      "sides:b1/b",
    ]);
    expect(at(tree, "deploy")?.bodies.map((body) => [body.index, body.standing.tone])).toEqual([
      [2, "good"],
      [10, "busy"],
    ]);
  });

  it("folds the attempts before the last", () => {
    const tree = grow(row("test", "started", { attempt: 2 }), row("test", "failed", { then: "retry" }));
    expect(at(tree, "test")?.earlier.map((one) => one.attempt)).toEqual([1]);
    expect(at(tree, "test")?.row?.attempt).toBe(2);
  });

  it("knows which way a fork has not gone, and what was never needed", () => {
    const tree = grow(row("test", "completed"), row("deploy", "started"), row("deploy:i0/check", "started", { input: { holds: false } }));
    expect(at(tree, "test")?.caught?.passed).toBe(true);
    expect(at(tree, "deploy:i0/check")?.bodies.map(({ place, passed }) => [place, passed])).toEqual([
      ["then", true],
      ["else", false],
    ]);
    const caught = grow(row("test", "failed", { then: "catch" }), row("test:catch/tell", "started"));
    expect(at(caught, "test")?.caught?.passed).toBe(false);
  });

  it("tells how a round stands as a whole", () => {
    const round = (...rows: StepView[]) => at(grow(row("deploy", "started"), ...rows), "deploy")?.bodies[0]?.standing;
    expect(round(row("deploy:i0/check", "failed", { then: "fail" }))).toMatchObject({ tone: "bad" });
    expect(round(row("deploy:i0/check", "failed", { then: "continue" }))).toMatchObject({ tone: "good" });
    expect(round(row("deploy:i0/check", "failed", { then: "retry" }))).toMatchObject({ tone: "warn" });
    expect(round(row("deploy:i0/check", "unknown"))).toMatchObject({ tone: "bad", word: "outcome unknown" });
  });

  it("gives the diagram one state a place: the most pressing, and how often", () => {
    const states = flowStates([
      row("deploy", "started"),
      row("deploy:i0/check", "completed"),
      row("deploy:i1/check", "failed", { attempt: 1, then: "retry" }),
      row("deploy:i1/check", "taken", { attempt: 2 }),
      row("deploy:i2/check", "skipped"),
    ]);
    expect(Object.fromEntries(states)).toEqual({ deploy: { phase: "started" }, "deploy/check": { phase: "taken", count: 3 } });
  });

  it("finds the step to look at for a place of the diagram", () => {
    const tree = grow(row("deploy", "started"), row("deploy:i0/check", "completed"), row("deploy:i1/check", "failed"), row("deploy:i2/check", "completed"));
    expect(stepAt(tree, "deploy/check")).toBe("deploy:i1/check");
    expect(stepAt(grow(row("deploy:i0/check", "completed"), row("deploy:i1/check", "completed")), "deploy/check")).toBe("deploy:i1/check");
    expect(stepAt(tree, "sides:b1/b")).toBe("sides:b1/b");
  });

  // Within the time that a test may take: who walks all rows for each step does not come through.
  it("is cheap for many rounds", () => {
    const rows = Array.from({ length: 3000 }, (_, n) => [row(`deploy:i${n}/check`, "completed"), row(`deploy:i${n}/check:then/push`, "completed")]).flat();
    const tree = treeOf(steps, rows);
    expect(at(tree, "deploy")?.bodies).toHaveLength(3000);
  });
});
