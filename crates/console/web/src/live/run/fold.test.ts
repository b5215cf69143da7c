import { describe, expect, it } from "vitest";
import type { ExecutionEvent, ExecutionView, StepEvent, StepView } from "@/api/types";
import { foldPages, foldRun, foldWhole, noRun } from "./fold";

const step = (path: string, phase: StepEvent["phase"], at: number, more: Partial<StepEvent> = {}): StepEvent => ({ path, attempt: 1, phase, at, name: path, kind: "bash", ...more });
const row = (seq: number, event: StepEvent, started_at = event.at): StepView => ({ ...event, seq, started_at });
const run = (more: Partial<ExecutionView> = {}): ExecutionView =>
  ({ id: "run", status: "running", steps_started: 1, max_steps: 50, open: [], approvals: [], usage: {}, outputs: {}, definition: { steps: [{ id: "one" }, { id: "two" }] }, ...more }) as unknown as ExecutionView;
const init = (steps: StepView[] = [], more: Partial<ExecutionView> = {}): ExecutionEvent => ({ type: "init", position: 1, execution: run(more), steps });
const tell = (event: StepEvent): ExecutionEvent => ({ type: "run.step", position: 2, step: event });
const fold = (...events: ExecutionEvent[]) => events.reduce(foldRun, noRun);

describe("a run's stream", () => {
  it("folds what happens to an attempt into one row", () => {
    const { rows } = fold(
      init(),
      tell(step("one", "started", 10, { input: { command: "ls" }, turn: "t" })),
      tell(step("one", "taken", 11, { agent: "shell", until: 99 })),
      tell(step("one", "completed", 20, { output: { stdout: "a" }, duration_ms: 9 })),
    );
    expect(rows.get("one#1")).toEqual(row(0, step("one", "completed", 20, { input: { command: "ls" }, output: { stdout: "a" }, turn: "t", agent: "shell", duration_ms: 9 }), 10));
  });

  it("takes everything twice without a change, also when one record begins and ends a step", () => {
    const told = [tell(step("one", "started", 10)), tell(step("one", "completed", 10, { output: 1 })), tell(step("two", "started", 10))];
    const once = fold(init(), ...told);
    const twice = fold(init(), ...told, ...told);
    expect(twice.rows).toEqual(once.rows);
    expect(twice.execution?.steps_started).toBe(once.execution?.steps_started);
  });

  it("never goes back to an earlier phase", () => {
    const state = fold(init(), tell(step("one", "started", 10)), tell(step("one", "taken", 12)), tell(step("one", "started", 10)));
    expect(state.rows.get("one#1")?.phase).toBe("taken");
  });

  it("keeps attempts apart, and begins one anew that did nothing", () => {
    const state = fold(
      init(),
      tell(step("one", "started", 10)),
      tell(step("one", "failed", 11, { then: "again" })),
      tell(step("one", "started", 11)),
      tell(step("one", "failed", 13, { then: "retry" })),
      tell(step("one", "started", 15, { attempt: 2 })),
    );
    expect([...state.rows.values()].map(({ attempt, phase, started_at }) => [attempt, phase, started_at])).toEqual([
      [1, "failed", 11],
      [2, "started", 15],
    ]);
  });

  it("forgets the error of what was mended", () => {
    const error = { code: "reply_invalid", message: "no" };
    const state = fold(init(), tell(step("one", "repaired", 10, { error, round: 1 })), tell(step("one", "completed", 12)));
    expect(state.rows.get("one#1")?.error).toBeUndefined();
    expect(state.rows.get("one#1")?.round).toBe(1);
  });

  it("replaces what it has by a picture, but for attempts that are older than the picture goes back", () => {
    const old = row(2, step("one", "completed", 5));
    const state = fold(init([old]), tell(step("two", "started", 10)), init([row(900, step("two", "completed", 12), 10)]));
    expect([...state.rows.keys()]).toEqual(["one#1", "two#1"]);
    expect(state.rows.get("two#1")?.phase).toBe("completed");
  });

  it("knows when a picture does not go back to the first step", () => {
    expect(fold(init([row(2, step("one", "completed", 5))])).reaches).toBe(true);
    const open = row(2, step("one", "started", 5));
    const cut = fold(init([row(800, step("one:i9/x", "completed", 50))], { open: [open], steps_started: 700 }));
    expect(cut.reaches).toBe(false);
    const whole = foldPages(cut, [open, row(3, step("one:i0/x", "completed", 6)), row(800, step("one:i9/x", "started", 50))]);
    expect(whole.reaches).toBe(true);
    expect([...whole.rows.values()].map(({ path, phase }) => `${path} ${phase}`)).toEqual(["one started", "one:i0/x completed", "one:i9/x completed"]);
  });

  it("keeps what only a whole view tells while rows are told", () => {
    const told = foldWhole(fold(init()), run({ outputs: { v: 1 }, usage: { input_tokens: 7 }, steps_started: 4 }));
    const state = foldRun(told, { type: "run.updated", position: 3, run: { id: "run", status: "completed" } as never, approvals: [] });
    expect(state.execution).toMatchObject({ status: "completed", outputs: { v: 1 }, usage: { input_tokens: 7 }, steps_started: 4 });
    expect(state.wholes).toBe(1);
    expect(foldRun(state, { type: "run.updated", position: 3, run: { id: "run", status: "completed" } as never, approvals: [] }).wholes).toBe(1);
  });
});
