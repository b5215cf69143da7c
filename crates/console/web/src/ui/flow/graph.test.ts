import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import type { GraphNode } from "./graph";
import { graphOf } from "./graph";
import { allSteps, flowPath, readSteps } from "./steps";

const example = (name: string): unknown => parse(readFileSync(new URL(`../../../../../../examples/workflows/${name}.yaml`, import.meta.url), "utf8"));
const bash = (id: string) => ({ id, type: "bash", command: id });
const paths = (definition: unknown) => allSteps(readSteps(definition)).map((step) => step.path);

describe("paths", () => {
  it("are made as runs tell them, without iterations", () => {
    expect(paths(example("demo"))).toEqual([
      "test",
      "verdict",
      "ready",
      "ready:then/uses",
      "ready:then/uses/count",
      "ready:then/sides",
      "ready:then/sides:b0/diff",
      "ready:then/sides:b1/lines",
      "ready:then/notes",
      "ready:then/gate",
      "ready:then/release",
      "ready:else/step_2_else_0",
      "tell",
    ]);
    expect(flowPath("ready:then/uses:i2/count")).toBe("ready:then/uses/count");
    expect(flowPath("deploy:i12/check:then/each:i0/i3")).toBe("deploy/check:then/each/i3");
  });

  it("name steps without an id as the server does", () => {
    const definition = {
      steps: [
        { type: "parallel", branches: { one: [{ type: "bash" }, { type: "loop", steps: [{ type: "bash" }] }], two: { steps: [{ type: "bash" }] } } },
        { type: "loop", steps: [{ type: "bash", catch: [{ type: "stop" }] }] },
        { type: "parallel", steps: [{ type: "bash" }, bash("named")] },
      ],
    };
    expect(paths(definition)).toEqual([
      "step_0",
      "step_0:b0/step_0_b0_0",
      "step_0:b0/step_0_b0_1",
      "step_0:b0/step_0_b0_1/step_0_b0_1_0",
      "step_0:b1/step_0_b1_0",
      "step_1",
      "step_1/step_1_steps_0",
      "step_1/step_1_steps_0:catch/step_1_steps_0_catch_0",
      "step_2",
      "step_2:b0/step_2_steps_0",
      "step_2:b1/named",
    ]);
  });

  it("say where each step stands in the text", () => {
    const [step] = allSteps(readSteps(example("demo"))).filter((one) => one.id === "lines");
    expect(step?.at).toEqual(["steps", 2, "then", 1, "branches", "size", 0]);
  });
});

describe("the graph", () => {
  it("has one node for each step, the box before what stands in it", () => {
    for (const name of ["demo", "incident-triage", "release-check", "batch"]) {
      const { nodes } = graphOf(example(name));
      expect(nodes.map((node) => node.id)).toEqual(paths(example(name)));
      nodes.forEach((node, n) => {
        if (node.parent !== undefined) expect(nodes.findIndex((other) => other.id === node.parent)).toBeLessThan(n);
      });
    }
  });

  it("makes boxes of loops, branches, forks and what is done after a failure", () => {
    const boxes = (name: string) => graphOf(example(name)).nodes.filter((node) => node.box).map((node) => node.id);
    expect(boxes("demo")).toEqual(["ready", "ready:then/uses", "ready:then/sides"]);
    expect(boxes("incident-triage")).toEqual(["facts", "assess"]);
  });

  it("leads from step to step in their order, and into each body by its name", () => {
    const { edges } = graphOf(example("demo"));
    expect(edges.filter((edge) => edge.kind === "next" && !edge.source.includes("/")).map((edge) => edge.id)).toEqual(["test>verdict", "verdict>ready", "ready>tell"]);
    expect(edges.filter((edge) => edge.kind === "in").map((edge) => [edge.label, edge.target])).toEqual(
      expect.arrayContaining([
        ["then", "ready:then/uses"],
        ["else", "ready:else/step_2_else_0"],
        ["changes", "ready:then/sides:b0/diff"],
        ["size", "ready:then/sides:b1/lines"],
        ["each function", "ready:then/uses/count"],
      ]),
    );
    expect(graphOf(example("incident-triage")).edges.find((edge) => edge.onFailure === true)).toMatchObject({ label: "if it fails", source: "assess" });
  });

  it("keeps every step inside its box, and steps of one place apart", () => {
    const { nodes, width, height } = graphOf(example("demo"));
    const byId = new Map(nodes.map((node) => [node.id, node]));
    for (const node of nodes) {
      const room = node.parent === undefined ? { width, height } : (byId.get(node.parent) ?? { width: 0, height: 0 });
      expect(node.x).toBeGreaterThanOrEqual(0);
      expect(node.y).toBeGreaterThanOrEqual(0);
      expect(node.x + node.width).toBeLessThanOrEqual(room.width + 0.01);
      expect(node.y + node.height).toBeLessThanOrEqual(room.height + 0.01);
    }
    const overlap = (a: GraphNode, b: GraphNode) => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
    for (const a of nodes) for (const b of nodes) if (a !== b && a.parent === b.parent) expect(overlap(a, b), `${a.id} and ${b.id}`).toBe(false);
  });

  it("takes what is no definition for an empty one", () => {
    for (const odd of [undefined, null, 3, [], {}, { steps: "none" }, { steps: [null, 1] }]) expect(graphOf(odd).nodes).toEqual([]);
  });
});
