import { describe, expect, it } from "vitest";
import type { ApprovalView, ClientEvent, ExecutionRow, RunView, SessionView, StepEvent, StepView } from "@/api/types";
import type { RunsState } from "./runs";
import { foldRuns, noRuns, withSteps } from "./runs";

const view: RunView = { execution: "x", workflow: "Release", title: "Release 1.4.2", attached_at: 1 };
const row = (more: Partial<ExecutionRow> = {}): ExecutionRow => ({
  ...{ id: "x", slug: "release", name: "Release", version: "1", hash: "h", status: "running", step: 0, of: 3 },
  ...{ trigger: { kind: "manual" }, by: "ann", started_at: 1 },
  ...more,
});
const step = (path: string, phase: StepEvent["phase"], at: number, more: Partial<StepEvent> = {}): StepEvent => ({
  ...{ path, attempt: 1, phase, at, name: path, kind: "bash" },
  ...more,
});
const session = (runs: RunView[]): SessionView => ({ id: "s", title: "", runs }) as unknown as SessionView;
const approval: ApprovalView = {
  ...{ id: "a", execution: "x", workflow: "Release", path: "gate", prompt: "Release it?", may_decide: ["ann"], asked_at: 1, deadline: 9 },
  ...{ on_deadline: "denied", on_deny: "cancel", hash: "h" },
};
const told = (...events: ClientEvent[]): RunsState => events.reduce(foldRuns, noRuns);
const attached: ClientEvent = { type: "run.attached", position: 1, run: view };
const happened = (event: StepEvent): ClientEvent => ({ type: "run.step", position: 2, execution: "x", step: event });
const attempt = (state: RunsState, key: string) => state.get("x")?.attempts.get(key);

describe("the runs of a session", () => {
  it("folds what happens to an attempt together", () => {
    const state = told(
      attached,
      happened(step("test", "started", 5, { input: { command: "make" }, turn: "t", until: 99 })),
      happened(step("test", "taken", 6, { agent: "shell" })),
      happened(step("test", "failed", 8, { error: { code: "c", message: "m" }, then: "retry", until: 20, duration_ms: 3 })),
    );
    expect(attempt(state, "test#1")).toMatchObject({ phase: "failed", started_at: 5, input: { command: "make" }, turn: "t", agent: "shell", then: "retry", until: 20 });
  });

  it("takes every event twice without a change", () => {
    const events: ClientEvent[] = [
      attached,
      happened(step("a", "started", 5, { input: 1 })),
      happened(step("a", "taken", 5)),
      happened(step("a", "completed", 5, { output: 2 })),
      happened(step("b", "started", 5)),
      { type: "approval", position: 3, approval },
      { type: "run.updated", position: 3, run: row({ status: "waiting" }), approvals: ["a"] },
      { type: "approval.decided", position: 4, execution: "x", decided: { approval: "a", decision: "approved" } },
      { type: "run.updated", position: 4, run: row({ step: 2 }), approvals: [] },
    ];
    expect(told(...events, ...events)).toEqual(told(...events));
    for (let n = 1; n <= events.length; n++) expect(told(...events, ...events.slice(0, n)).get("x")?.attempts).toEqual(told(...events).get("x")?.attempts);
  });

  it("does not begin again what is over", () => {
    const state = told(attached, happened(step("a", "completed", 7)), happened(step("a", "started", 5, { input: 1 })));
    expect(attempt(state, "a#1")).toMatchObject({ phase: "completed", input: 1, started_at: 5 });
  });

  it("forgets an error that was mended", () => {
    const wrong = happened(step("a", "repaired", 6, { round: 1, error: { code: "reply", message: "no JSON" } }));
    expect(attempt(told(attached, wrong), "a#1")?.error?.code).toBe("reply");
    expect(attempt(told(attached, wrong, happened(step("a", "completed", 7))), "a#1")?.error).toBeUndefined();
  });

  it("keeps what is over across pictures, and takes what is under way from them", () => {
    const before = told(attached, happened(step("a", "completed", 5, { output: 1 })), happened(step("b", "started", 5, { input: 2 })), happened(step("c", "taken", 6, { input: 3 })));
    const state = foldRuns(before, {
      ...{ type: "init", position: 9, presence: [], session: session([view]) },
      runs: [{ run: row(), open: [step("c", "taken", 5)], approvals: [approval] }],
      limits: { frame_bytes_max: 1, prompt_bytes_max: 1, queue_max: 1, idle_ms_max: 1 },
    });
    const run = state.get("x");
    expect([...(run?.attempts.keys() ?? [])].sort()).toEqual(["a#1", "c#1"]);
    expect(run?.attempts.get("c#1")).toMatchObject({ phase: "taken", input: 3 });
    expect([...(run?.approvals.keys() ?? [])]).toEqual(["a"]);
    expect(run?.picture).toBe(1);
  });

  it("asks no more what was decided or taken back", () => {
    const asked = told(attached, { type: "approval", position: 2, approval });
    expect(asked.get("x")?.approvals.size).toBe(1);
    expect(foldRuns(asked, { type: "run.updated", position: 3, run: row(), approvals: [] }).get("x")?.approvals.size).toBe(0);
    expect(foldRuns(asked, { type: "run.ended", position: 3, execution: "x", end: "cancelled" }).get("x")).toMatchObject({ view: { ended: "cancelled" } });
  });

  it("joins the list of steps with what was told since", () => {
    const listed: StepView[] = [
      { seq: 2, started_at: 3, ...step("a", "completed", 4, { output: 1 }) },
      { seq: 3, started_at: 4, ...step("b", "taken", 5, { input: 2 }) },
    ];
    const state = told(attached, happened(step("b", "completed", 8, { output: 3 })), happened(step("c", "started", 8)));
    const run = state.get("x");
    const whole = run && withSteps(run, listed);
    expect([...(whole?.attempts.keys() ?? [])]).toEqual(["a#1", "b#1", "c#1"]);
    expect(whole?.attempts.get("b#1")).toMatchObject({ phase: "completed", input: 2, output: 3, started_at: 4 });
    expect(run && withSteps(run, listed).attempts.get("b#1")).toBe(whole?.attempts.get("b#1"));
  });

  it("leaves news of runs alone that it does not know", () => {
    expect(told(happened(step("a", "started", 1)))).toBe(noRuns);
  });
});
