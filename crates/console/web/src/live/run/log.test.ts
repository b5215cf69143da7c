import { describe, expect, it } from "vitest";
import type { ClientEvent } from "@/api/types";
import { foldLogs, logOf, noLogs } from "./log";

const delta = (offset: number, text: string, kind: "output" | "text" = "output"): ClientEvent => ({ type: "message.part.text-delta", position: 1, turn: "t", part: 0, kind, offset, text });
const fold = (...events: ClientEvent[]) => logOf(events.reduce(foldLogs, noLogs), "t");

describe("the log of a command", () => {
  it("grows, and takes pieces twice or cut otherwise", () => {
    expect(fold(delta(0, "grüße\n"), delta(8, "zwei\n"))).toBe("grüße\nzwei\n");
    expect(fold(delta(0, "grüße\n"), delta(0, "grüße\n"), delta(4, "ße\nzwei\n"), delta(8, "zwei\n"))).toBe("grüße\nzwei\n");
  });

  it("begins with what a picture holds", () => {
    const turn = { turn: "t", parts: { 0: { type: "tool_call", call: "c", tool: "bash", status: "running", output: "one\n" } } };
    const init = { type: "init", position: 1, session: { turns: [turn] } } as unknown as ClientEvent;
    expect(fold(init, delta(0, "one\n"), delta(4, "two\n"))).toBe("one\ntwo\n");
  });

  it("leaves out what agents say", () => {
    expect(fold(delta(0, "hello", "text"))).toBeUndefined();
  });
});
