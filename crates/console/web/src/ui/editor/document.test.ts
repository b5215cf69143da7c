import { describe, expect, it } from "vitest";
import { readSteps } from "@/ui/flow/steps";
import { placeAt, rangeOf, readText, stepOfPlace, writingAt } from "./document";

const text = `name: Demo # ours
steps:
  - id: check
    type: conditional
    condition: variables.ok
    then:
      - {id: push, type: bash, command: "git push"}
  - id: ask
    type: agent_prompt
    prompt: |
      Say something about {{ inputs.x }}
      and more.
`;
const where = (needle: string) => text.indexOf(needle);

/** Says what is written where `|` stands. */
function writing(marked: string, word: string) {
  const offset = marked.indexOf("¦");
  return writingAt(marked.replace("¦", ""), offset, word);
}

describe("places", () => {
  const { document, definition } = readText(text);
  it("are found from the text and back", () => {
    expect(placeAt(document, where("conditional"))).toEqual(["steps", 0, "type"]);
    expect(placeAt(document, where("git push"))).toEqual(["steps", 0, "then", 0, "command"]);
    expect(placeAt(document, where("and more"))).toEqual(["steps", 1, "prompt"]);
    const range = rangeOf(document, ["steps", 0, "then", 0]);
    expect(text.slice(range?.from, range?.to)).toBe('{id: push, type: bash, command: "git push"}');
    expect(rangeOf(document, ["steps", 1, "prompt"])?.from).toBe(where("prompt: |"));
    expect(rangeOf(document, ["steps", 7])).toBeUndefined();
  });

  it("belong to the innermost step", () => {
    const steps = readSteps(definition);
    expect(stepOfPlace(steps, placeAt(document, where("git push")))?.path).toBe("check:then/push");
    expect(stepOfPlace(steps, placeAt(document, where("condition:")))?.path).toBe("check");
    expect(stepOfPlace(steps, placeAt(document, where("Demo")))).toBeUndefined();
  });

  it("are not there while the text is no YAML", () => {
    expect(readText("name: [a\nsteps:").definition).toBeUndefined();
  });
});

describe("what is being written", () => {
  it("is a key at the beginning of a line, of the object around it", () => {
    expect(writing("name: A\n¦", "")).toMatchObject({ is: "key", at: [], there: ["name"] });
    expect(writing("steps:\n  - id: a\n    ty¦\n", "ty")).toMatchObject({ is: "key", at: ["steps", 0], there: ["id"] });
    expect(writing("steps:\n  - ¦\n", "")).toMatchObject({ is: "key", at: ["steps", 0] });
    expect(writing("steps:\n  - id: a\n    type: bash\n    ¦\n  - id: b\n    type: stop\n", "")).toMatchObject({ is: "key", at: ["steps", 0], there: ["id", "type"] });
    expect(writing("steps:\n  - {id: a, ty¦}\n", "ty")).toMatchObject({ is: "key", at: ["steps", 0] });
  });

  it("is a value behind a colon", () => {
    expect(writing("steps:\n  - id: a\n    type: ba¦\n", "ba")).toMatchObject({ is: "value", at: ["steps", 0, "type"] });
    expect(writing("steps:\n  - {id: a, type: ¦}\n", "")).toMatchObject({ is: "value", at: ["steps", 0, "type"] });
    expect(writing("tags: [a, b¦]\n", "b")).toMatchObject({ is: "value", at: ["tags", 1] });
  });

  it("is a text inside of one", () => {
    expect(writing("steps:\n  - id: a\n    prompt: |\n      Hello {{ inp¦ }}\n", "inp")).toMatchObject({ is: "text", at: ["steps", 0, "prompt"] });
    expect(writing("steps:\n  - id: a\n    if: x and inp¦\n", "inp")).toMatchObject({ is: "text", at: ["steps", 0, "if"] });
  });
});
