import { describe, expect, it } from "vitest";
import type { ExecutionEvent, StepEvent, StepView } from "@/api/types";
import { foldHistory, noHistory, numbered, placeOf, reopened, rowsAt, toldByRows } from "./history";

const step = (path: string, phase: StepEvent["phase"], at: number, more: Partial<StepEvent> = {}): StepEvent => ({ path, attempt: 1, phase, at, name: path, kind: "bash", ...more });
const tell = (position: number, event: StepEvent): ExecutionEvent => ({ type: "run.step", position, step: event });
const updated = (position: number): ExecutionEvent => ({ type: "run.updated", position, run: {} as never, approvals: [] });
const fold = (...events: ExecutionEvent[]) => events.reduce(foldHistory, noHistory);
const row = (seq: number, path: string, started_at: number, phase: StepEvent["phase"], at: number): StepView => ({ ...step(path, phase, at), seq, started_at });

// As the server told it: of each record only the last event carries the record's position.
const missed = [
  tell(7, step("one", "started", 10)),
  tell(11, step("one", "taken", 12)),
  tell(11, step("one", "completed", 20)),
  tell(18, step("two", "started", 20)),
  tell(18, step("two", "completed", 25)),
  updated(23),
  { type: "live", position: 23 } as const,
];
const live = [tell(29, step("three", "started", 30)), updated(30), tell(33, step("three", "completed", 34)), tell(33, step("four", "started", 34)), updated(34)];
const events = (records: readonly { events: readonly StepEvent[] }[]) => records.map((record) => record.events.map(({ path, phase }) => `${path} ${phase}`));

describe("a run's past", () => {
  it("is cut into records, of what was missed and of what is live", () => {
    const state = fold(...missed, ...live);
    expect(state.known).toBe(true);
    expect(events(state.records)).toEqual([["one started"], ["one taken"], ["one completed", "two started"], ["two completed"], ["three started"], ["three completed", "four started"]]);
  });

  it("hears a record that was cut off again as a whole", () => {
    const cut = fold(...missed.slice(0, 3));
    const state = [...missed.slice(2)].reduce(foldHistory, reopened(cut));
    expect(events(state.records)).toEqual([["one started"], ["one taken"], ["one completed", "two started"], ["two completed"]]);
  });

  it("says when it is too long to be told", () => {
    expect(fold({ type: "init", position: 9, execution: {} as never, steps: [] })).toMatchObject({ known: true, tooLong: true });
  });

  const rows = [row(2, "one", 10, "completed", 20), row(4, "two", 20, "completed", 25)];

  it("numbers records by the attempts that began in them", () => {
    const records = numbered(fold(...missed).records, rows, 9);
    expect(records.map(({ seq, certain, at }) => [seq, certain, at])).toEqual([
      [1, true, 9],
      [2, true, 10],
      [3, true, 12],
      [4, true, 20],
      [5, false, 25],
    ]);
  });

  it("does not claim to know numbers among records that told nothing", () => {
    const records = numbered(fold(...missed).records, [row(2, "one", 10, "completed", 20), row(6, "two", 20, "completed", 25)], 9);
    expect(records.map(({ seq, certain }) => [seq, certain])).toEqual([
      [1, true],
      [2, true],
      [3, false],
      [6, true],
      [7, false],
    ]);
  });

  it("shows the run as it stood", () => {
    const records = numbered(fold(...missed).records, rows, 9);
    const stood = (seq: number) => [...rowsAt(records, placeOf(records, seq)).rows.values()].map(({ path, phase }) => `${path} ${phase}`);
    expect(stood(1)).toEqual([]);
    expect(stood(3)).toEqual(["one taken"]);
    expect(stood(4)).toEqual(["one completed", "two started"]);
    expect(stood(99)).toEqual(["one completed", "two completed"]);
    expect(rowsAt(records, placeOf(records, 3)).rows.get("one#1")?.duration_ms).toBe(2);
  });

  it("can be told by the attempts' own times where it is too long", () => {
    const records = numbered(toldByRows(rows), rows, 9);
    expect(events(records)).toEqual([[], ["one started"], ["one completed", "two started"], ["two completed"]]);
    expect(records.map((record) => record.seq)).toEqual([1, 2, 4, 5]);
  });
});
