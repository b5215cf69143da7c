import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { scopeAt } from "./scope";

const example = (name: string): unknown => parse(readFileSync(new URL(`../../../../../../examples/workflows/${name}.yaml`, import.meta.url), "utf8"));
const names = (definition: unknown, path: string | null) => scopeAt(definition, path).map((one) => one.name);

describe("the names at a step", () => {
  it("are the inputs, what earlier steps gave, and what was set", () => {
    expect(names(example("release-check"), "verdict")).toEqual([
      ...["inputs.branch", "inputs.version", "inputs.tag"],
      ...["outputs.last_tag", "outputs.changes", "outputs.test", "outputs.markers", "outputs.review", "outputs.checks"],
      "run",
    ]);
    expect(names(example("release-check"), "ready")).toContain("variables.passed");
  });

  it("leave out what other branches do meanwhile", () => {
    const seen = names(example("release-check"), "checks:b2/review");
    expect(seen).toContain("outputs.changes");
    expect(seen).not.toContain("outputs.test");
  });

  it("hold the item and its number inside a loop, and nowhere else", () => {
    expect(names(example("demo"), "ready:then/uses/count")).toEqual(expect.arrayContaining(["function", "index"]));
    expect(names(example("demo"), "ready:then/notes")).not.toContain("function");
  });

  it("hold what the last round did in a loop with a condition", () => {
    expect(names(example("failing-test-fixer"), "mend/fix")).toEqual(expect.arrayContaining(["outputs.again", "outputs.note", "variables.round"]));
    expect(names(example("batch"), "all/answer")).not.toContain("outputs.answer");
  });

  it("hold what a round has done where a loop gathers it", () => {
    const seen = scopeAt(example("batch"), "all", undefined, true).map((one) => one.name);
    expect(seen).toEqual(expect.arrayContaining(["entry", "outputs.answer"]));
    expect(names(example("batch"), "all")).not.toContain("entry");
  });

  it("hold the error in what is done after a failure", () => {
    expect(names(example("incident-triage"), "assess:catch/no_assessment")).toContain("error");
    expect(names(example("incident-triage"), "decide")).not.toContain("error");
  });

  it("are all of them at the end", () => {
    expect(names(example("failing-test-fixer"), null)).toEqual(expect.arrayContaining(["outputs.change", "outputs.give_up", "variables.passed"]));
  });

  it("say what stands in them, and are written as expressions read them", () => {
    const gives = (type: string) => (type === "bash" ? ["exitCode", "stdout"] : type === "agent_prompt" ? ["response", "model"] : []);
    const scope = scopeAt({ steps: [{ id: "my-test", type: "bash" }, { id: "ask", type: "agent_prompt", output_schema: { verdict: "string" } }, { id: "end", type: "stop" }] }, "end", gives);
    expect(scope.find((one) => one.group === "outputs")).toMatchObject({ name: 'outputs["my-test"]', fields: ["exitCode", "stdout"] });
    expect(scope.find((one) => one.name === "outputs.ask")?.fields).toEqual(["model", "response.verdict"]);
  });
});
