import { describe, expect, it } from "vitest";
import { choicesAt } from "./complete";
import { DefinitionSchema } from "./schema";

const text = { type: "string" };
const schema = new DefinitionSchema({
  type: "object",
  properties: {
    name: { ...text, description: "The title that people see." },
    inputs: { anyOf: [{ type: "object", additionalProperties: { anyOf: [{ enum: ["string", "any"] }, { type: "object", properties: { default: {}, required: { type: "boolean" } } }] } }] },
    steps: { $ref: "#/$defs/steps", description: "What is done." },
  },
  required: ["name"],
  $defs: {
    steps: { type: "array", items: { $ref: "#/$defs/step" } },
    step: {
      type: "object",
      properties: { type: { enum: ["bash", "loop"], description: "bash: Runs a command.\nloop: Repeats." } },
      allOf: [
        { if: { properties: { type: { const: "bash" } }, required: ["type"] }, then: { $ref: "#/$defs/bash" } },
        { if: { properties: { type: { const: "loop" } }, required: ["type"] }, then: { $ref: "#/$defs/loop" } },
      ],
    },
    bash: {
      description: "Runs a command. Gives `exitCode` and `stdout`; another exit code than 0 fails the step.",
      type: "object",
      properties: { id: text, if: text, type: { const: "bash" }, command: { ...text, description: "The command." }, cmd: { ...text, deprecated: true }, idempotent: { type: "boolean", default: false } },
      required: ["command"],
    },
    loop: { description: "Repeats. Gives `iterations`.", type: "object", properties: { id: text, over: text, steps: { $ref: "#/$defs/steps" } } },
  },
});

function labels(marked: string, asked = true): string[] | null {
  const offset = marked.indexOf("¦");
  return choicesAt(marked.replace("¦", ""), offset, schema, asked)?.choices.map((one) => one.label) ?? null;
}

describe("at the beginning of a line", () => {
  it("the fields of the object around it are offered, without those that stand there", () => {
    expect(labels("name: A\n¦")).toEqual(["inputs", "steps"]);
    expect(labels("steps:\n  - id: a\n    type: bash\n    co¦")).toEqual(["command"]);
    expect(labels("steps:\n  - id: a\n    type: bash\n    ¦")).toEqual(["if", "command", "idempotent"]);
    expect(labels("steps:\n  - type: loop\n    ¦")).toEqual(["id", "over", "steps"]);
  });

  it("a field comes with its colon, and what stands below it begins on a line of its own", () => {
    const inserted = (marked: string) => choicesAt(marked.replace("¦", ""), marked.indexOf("¦"), schema, true)?.choices.map((one) => one.insert);
    expect(inserted("name: A\nst¦")).toEqual(["steps:\n  - "]);
    expect(inserted("steps:\n  - type: loop\n    st¦")).toEqual(["steps:\n      - "]);
    expect(inserted("steps:\n  - type: bash\n    com¦: ls")).toEqual(["command"]);
  });

  it("nothing is pushed before the first letter", () => {
    expect(labels("name: A\n¦", false)).toBeNull();
    expect(labels("steps:\n  - ¦", false)).toEqual(["type"]);
  });

  it("a field says what it means and whether it must be there", () => {
    expect(choicesAt("steps:\n  - type: bash\n    com", 30, schema, true)?.choices).toMatchObject([{ label: "command", info: "The command.", detail: "required" }]);
  });
});

describe("behind a colon", () => {
  it("the words that may stand there are offered", () => {
    expect(labels("steps:\n  - type: ¦")).toEqual(["bash", "loop"]);
    expect(labels("steps:\n  - type: bash\n    idempotent: ¦")).toEqual(["true", "false"]);
    expect(labels("inputs:\n  a: ¦\nsteps: []")).toEqual(["string", "any"]);
    expect(choicesAt("steps:\n  - type: b", 18, schema, true)?.choices[0]).toMatchObject({ label: "bash", info: "Runs a command." });
  });

  it("a free text has none", () => {
    expect(labels("steps:\n  - type: bash\n    command: l¦")).toBeNull();
  });
});

describe("in a template", () => {
  const begin = "inputs:\n  branch: string\nsteps:\n  - {id: test, type: bash, command: ls}\n";
  it("the names that exist there are offered", () => {
    expect(labels(`${begin}  - id: b\n    type: bash\n    command: echo {{ ¦ }}`)).toEqual([
      ...["inputs.branch", "outputs.test", "outputs.test.exitCode", "outputs.test.stdout"],
      ...["run", "run.id", "run.workflow", "run.version", "run.started_at", "run.trigger"],
    ]);
    expect(labels(`${begin}  - id: b\n    type: bash\n    if: outputs.te¦`)).toContain("outputs.test.exitCode");
    expect(labels(`${begin}  - type: loop\n    over: inputs.¦\n    steps: [{type: bash}]`)).toContain("inputs.branch");
  });

  it("a step does not read itself", () => {
    expect(labels(`${begin}  - id: b\n    type: bash\n    command: echo {{ ¦ }}`)).not.toContain("outputs.b");
  });
});
