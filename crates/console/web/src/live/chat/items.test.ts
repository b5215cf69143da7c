import { describe, expect, it } from "vitest";
import type { ExecutionRow, Message, StepEvent } from "@/api/types";
import type { Item } from "./items";
import { emptyFeed, merge } from "./items";
import type { Attempt, RunState, RunsState } from "./runs";
import { attemptKey } from "./runs";
import type { OpenHead, StepNode } from "./tree";
import { standing, worst } from "./tree";

let seq = 0;
const message = (turn: string, role: Message["role"], at: number, path?: string, more: Partial<NonNullable<Message["step"]>> = {}): Message => ({
  ...{ seq: ++seq, at, role, thread: "t", turn, author: role === "user" ? "ann" : "scripted", parts: [] },
  ...(path === undefined ? {} : { step: { execution: "x", path, attempt: 1, round: 0, ...more } }),
});
const attempt = (path: string, at: number, more: Partial<StepEvent> = {}): Attempt => ({
  ...{ path, attempt: 1, phase: "completed", at, started_at: at, name: path, kind: "bash" },
  ...more,
});
const run = (attempts: Attempt[], more: Partial<RunState> = {}): RunsState => {
  const state: RunState = {
    view: { execution: "x", workflow: "Release", title: "Release", attached_at: 1 },
    row: undefined,
    attempts: new Map(attempts.map((one) => [attemptKey(one), one])),
    approvals: new Map(),
    decided: new Map(),
    picture: 1,
    ...more,
  };
  return new Map([["x", state]]);
};
const head = (turn: string, started_at: number, path?: string): OpenHead => ({
  ...{ turn, thread: "t", started_at },
  step: path === undefined ? undefined : { execution: "x", path, attempt: 1, round: 0 },
});
const keys = (items: readonly Item[]) => items.map((item) => item.key);
const node = (items: readonly Item[], path: string): StepNode => {
  const found = items.find((item) => item.is === "step" && item.node.path === path);
  if (found?.is !== "step") throw new Error(`no step ${path}`);
  return found.node;
};

describe("the feed of a session", () => {
  it("has messages and steps in the order in which they came first", () => {
    const [first, second, third] = [message("a", "user", 10), message("a", "assistant", 60), message("b", "user", 40)];
    const { items } = merge({ messages: [first, third, second], turns: [], runs: run([attempt("test", 20), attempt("build", 50)]) });
    expect(keys(items)).toEqual(["b:x", `s:${first.seq}`, "a:a", "x/test", `s:${third.seq}`, "x/build"]);
  });

  it("keeps an answer at its place when it is finished", () => {
    const asked = message("a", "user", 10);
    const runs = run([attempt("test", 20)]);
    const open = merge({ messages: [asked], turns: [head("a", 11)], runs });
    const finished = merge({ messages: [asked, message("a", "assistant", 90)], turns: [], runs }, open);
    expect(keys(finished.items)).toEqual(keys(open.items));
  });

  it("shows messages of steps inside them and nowhere else", () => {
    const messages = [message("p", "user", 10, "ask"), message("p", "assistant", 15, "ask")];
    const { items } = merge({ messages, turns: [head("q", 20, "next")], runs: run([attempt("ask", 10, { kind: "agent_prompt" })]) });
    expect(keys(items)).toEqual(["b:x", "x/ask", "x/next"]);
    expect(node(items, "ask").attempts[0]?.rounds[0]?.messages).toHaveLength(2);
    expect(node(items, "next").attempts[0]).toMatchObject({ step: undefined, rounds: [{ open: "q" }] });
  });

  it("shows messages of a run that it does not know by themselves", () => {
    const lone = message("p", "user", 10, "ask");
    expect(keys(merge({ messages: [lone], turns: [], runs: new Map() }).items)).toEqual([`s:${lone.seq}`]);
  });

  it("nests what stands inside", () => {
    const attempts = [attempt("all", 5, { kind: "loop" }), attempt("all:i10/check", 9), attempt("all:i2/check:then/push", 7), attempt("all:i2/check", 6), attempt("all:i2/check:catch/tell", 8)];
    const all = node(merge({ messages: [], turns: [], runs: run(attempts) }).items, "all");
    expect(all.bodies.map((body) => body.place)).toEqual(["i2", "i10"]);
    const check = all.bodies[0]?.steps[0];
    expect(check?.bodies.map((body) => [body.place, body.steps.map((one) => one.path)])).toEqual([
      ["then", ["all:i2/check:then/push"]],
      ["catch", ["all:i2/check:catch/tell"]],
    ]);
  });

  it("has containers even before anything is known of them", () => {
    const { items } = merge({ messages: [message("p", "user", 10, "all:i0/ask")], turns: [], runs: run([]) });
    expect(node(items, "all").bodies[0]?.steps[0]?.path).toBe("all:i0/ask");
  });

  it("has attempts and rounds in order", () => {
    const messages = [message("p", "user", 10, "ask"), message("q", "user", 20, "ask", { attempt: 2 }), message("r", "user", 30, "ask", { attempt: 2, round: 1 })];
    const ask = node(merge({ messages, turns: [], runs: run([attempt("ask", 20, { attempt: 2 }), attempt("ask", 10)]) }).items, "ask");
    expect(ask.attempts.map((one) => [one.number, one.rounds.map((round) => round.round)])).toEqual([
      [1, [0]],
      [2, [0, 1]],
    ]);
  });

  it("keeps what has not changed", () => {
    const attempts = [attempt("all", 5, { kind: "loop" }), attempt("all:i0/a", 6), attempt("all:i1/a", 7, { phase: "taken" }), attempt("other", 8)];
    const asked = message("a", "user", 10);
    const one = merge({ messages: [asked], turns: [], runs: run(attempts) });
    const changed = attempts.map((step) => (step.path === "all:i1/a" ? { ...step, phase: "completed" as const } : step));
    const two = merge({ messages: [asked], turns: [], runs: run(changed) }, one);
    expect(two.items.find((item) => item.key === "x/other")).toBe(one.items.find((item) => item.key === "x/other"));
    expect(two.items.find((item) => item.is === "said")).toBe(one.items.find((item) => item.is === "said"));
    expect(node(two.items, "all")).not.toBe(node(one.items, "all"));
    expect(node(two.items, "all").bodies[0]).toBe(node(one.items, "all").bodies[0]);
  });

  it("leaves out what is older than the transcript that is held, unless it goes on", () => {
    const runs = run([attempt("old", 10), attempt("spoken", 20), attempt("open", 30, { phase: "taken" }), attempt("new", 110)]);
    const { items } = merge({ messages: [message("p", "user", 120, "spoken")], turns: [], runs, since: 100 });
    expect(keys(items)).toEqual(["x/spoken", "x/open", "x/new"]);
  });

  it("ends with the run's end", () => {
    const row = { started_at: 1, ended_at: 30 } as ExecutionRow;
    const view = { execution: "x", workflow: "Release", title: "Release", attached_at: 1, ended: "completed" as const };
    expect(keys(merge({ messages: [], turns: [], runs: run([attempt("a", 1), attempt("b", 30)], { row, view }) }).items)).toEqual(["b:x", "x/a", "x/b", "e:x"]);
  });

  it("says how steps stand with what is inside them", () => {
    const attempts = [attempt("all", 5, { kind: "loop", phase: "started" }), attempt("all:i0/a", 6, { phase: "failed", then: "continue" }), attempt("all:i1/a", 7, { phase: "failed", then: "fail" })];
    const all = node(merge({ messages: [], turns: [], runs: run(attempts) }).items, "all");
    expect(all.bodies.map((body) => worst(body.steps))).toEqual(["plain", "bad"]);
    expect(standing(all)).toBe("bad");
  });

  it("keeps everything of a long session in which nothing has changed", () => {
    const messages = Array.from({ length: 5000 }, (_, n) => message(`m${n >> 1}`, n % 2 === 0 ? "user" : "assistant", n));
    const attempts = Array.from({ length: 900 }, (_, n) => attempt(`all:i${Math.floor(n / 3)}/s${n % 3}`, 5000 + n));
    const feed = { messages, turns: [], runs: run(attempts) };
    const before = merge(feed, emptyFeed);
    const again = merge(feed, before);
    expect(again.items.every((item, n) => item === before.items[n])).toBe(true);
  });
});
