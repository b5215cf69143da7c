import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { authored, authoredText, spanText } from "./authored";

const stored = {
  name: "Nightly",
  slug: "nightly",
  version: "1.0.0",
  inputs: [{ name: "branch", type: "string", required: false, default: "main" }, { name: "tag", type: "boolean", required: true }],
  steps: [
    {
      id: "each",
      on_unknown: "ask",
      type: "loop",
      over: "{{ inputs.list }}",
      item: "file",
      index: "index",
      concurrency: 2,
      max_items: 1000,
      on_failure: "fail_fast",
      steps: [{ id: "look", timeout_ms: 600_000, retry: { max_attempts: 3, backoff: { delay_ms: 10_000, factor: 2, max_delay_ms: 60_000 } }, on_unknown: "ask", type: "bash", command: "ls\npwd\n" }],
    },
    { id: "gate", on_unknown: "ask", type: "approval", prompt: "Go?", items: [{ name: "Notes", value: { a: 1 } }], on_timeout: "approve", on_deny: "cancel" },
    { id: "both", on_unknown: "ask", type: "parallel", branches: [{ name: "one", steps: [{ id: "w", type: "wait", duration_ms: 90_000, on_unknown: "ask" }] }], on_failure: "fail_fast" },
  ],
  outputs: [{ name: "seen", value: "{{ outputs.each.results }}" }],
  max_steps: 50,
  timeout_ms: 3_600_000,
  failure_notify: "orchestrator",
  constraints: { allow_self_modification: false },
};

describe("a stored definition as people write it", () => {
  it("has names as keys, lengths of time with units, and nothing that holds anyway", () => {
    expect(parse(authoredText(stored))).toEqual({
      name: "Nightly",
      slug: "nightly",
      version: "1.0.0",
      inputs: { branch: { type: "string", default: "main" }, tag: { type: "boolean", required: true } },
      timeout: "1h",
      steps: [
        {
          id: "each",
          type: "loop",
          over: "{{ inputs.list }}",
          item: "file",
          concurrency: 2,
          steps: [{ id: "look", type: "bash", command: "ls\npwd\n", timeout: "10m", retry: { max_attempts: 3, backoff: { delay: "10s", factor: 2, max_delay: "1m" } } }],
        },
        { id: "gate", type: "approval", prompt: "Go?", items: { Notes: { a: 1 } }, on_timeout: "approve" },
        { id: "both", type: "parallel", branches: { one: [{ id: "w", type: "wait", duration: "1m30s" }] } },
      ],
      outputs: { seen: "{{ outputs.each.results }}" },
    });
  });

  it("keeps lists whose names would change places as keys", () => {
    const outputs = [{ name: "b", value: 1 }, { name: "10", value: 2 }, { name: "9", value: 3 }];
    expect(authored({ name: "X", steps: [], outputs })).toMatchObject({ outputs });
  });

  it("begins with what it is and ends with what it gives", () => {
    expect(authoredText(stored).split("\n").filter((line) => /^\w/.test(line)).map((line) => line.split(":")[0])).toEqual(["name", "slug", "version", "inputs", "timeout", "steps", "outputs"]);
  });
});

it("spans are written in the largest units that fit", () => {
  expect([0, 999, 1000, 90_000, 86_400_000, 3_661_000].map(spanText)).toEqual(["0s", "999ms", "1s", "1m30s", "1d", "1h1m1s"]);
});
