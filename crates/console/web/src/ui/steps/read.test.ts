import { describe, expect, it } from "vitest";
import type { StepLike } from "./read";
import { about, command, ended, inline, tokens } from "./read";

const step = (kind: string, more: Partial<StepLike> = {}): StepLike => ({ path: "a", attempt: 1, phase: "completed", at: 5, name: "a", kind, ...more });

describe("reading steps", () => {
  it("puts the values of a command where they belong", () => {
    const input = { command: 'grep -c "${TENURE_VALUE_0}" "${TENURE_VALUE_1}" "${TENURE_VALUE_0}"', env: { TENURE_VALUE_0: "total", TENURE_VALUE_1: "a.sh" } };
    expect(command(input)).toBe("grep -c total a.sh total");
    expect(command({ tool: "bash" })).toBeUndefined();
    expect(command(null)).toBeUndefined();
  });

  it("knows the output of a command from others", () => {
    expect(ended({ stdout: "a\n", stderr: "", exitCode: 3, signal: null, timedOut: false })).toMatchObject({ stdout: "a\n", exit: 3, signal: undefined, cut: false });
    expect(ended({ delivered: true })).toBeUndefined();
    expect(ended("text")).toBeUndefined();
  });

  it("says what a step is about", () => {
    expect(about(step("conditional", { input: { condition: "a == 1", holds: true } }))).toBe("a == 1 holds");
    expect(about(step("loop", { input: { items: 3 } }))).toBe("3 items");
    expect(about(step("parallel", { input: { branches: ["one"] } }))).toBe("1 branch");
    expect(about(step("wait", { input: { event: "resolved" } }))).toBe("for the event resolved");
    expect(about(step("bash"))).toBeUndefined();
  });

  it("writes values and counts briefly", () => {
    expect(inline({ a: [1, 2] })).toBe('{"a":[1,2]}');
    expect(inline("x".repeat(200), 10)).toBe("xxxxxxxxx…");
    expect([950, 1234, 34_400].map(tokens)).toEqual(["950", "1.2k", "34k"]);
  });
});
