import { describe, expect, it } from "vitest";
import { inputFields, valuesOf } from "./inputs";

const fields = inputFields({
  inputs: {
    branch: { type: "string", default: "main" },
    version: { type: "string", required: true },
    rounds: { type: "integer", default: 3 },
    dry: { type: "boolean" },
    list: { type: "array" },
    level: { enum: ["low", 2], default: "low" },
    loose: "any",
  },
});

describe("the form of a run", () => {
  it("has a field for each input, in either form of a definition", () => {
    expect(fields.map((field) => [field.name, field.type, field.required])).toEqual([
      ["branch", "string", false],
      ["version", "string", true],
      ["rounds", "integer", false],
      ["dry", "boolean", false],
      ["list", "array", false],
      ["level", "any", false],
      ["loose", "any", false],
    ]);
    expect(inputFields({ inputs: [{ name: "a", type: "number", required: true }] })).toMatchObject([{ name: "a", type: "number", required: true }]);
    expect(inputFields(null)).toEqual([]);
  });

  it("sends what was changed, by its type", () => {
    expect(valuesOf(fields, { version: "1.2.0", rounds: "5", dry: "true", list: "- a\n- b", level: "2", loose: "{a: 1}" })).toEqual({
      values: { version: "1.2.0", rounds: 5, dry: true, list: ["a", "b"], level: 2, loose: { a: 1 } },
      wrong: {},
    });
  });

  it("leaves out what holds anyway, and keeps a text that was emptied", () => {
    expect(valuesOf(fields, { version: "1" }).values).toEqual({ version: "1" });
    expect(valuesOf(fields, { version: "1", branch: "" }).values).toEqual({ version: "1", branch: "" });
  });

  it("says what is missing and what is of another type", () => {
    expect(Object.keys(valuesOf(fields, { rounds: "2.5", list: "a", loose: "[" }).wrong)).toEqual(["version", "rounds", "list", "loose"]);
  });
});
