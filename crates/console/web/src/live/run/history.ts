// A run's past, record by record: what the server tells of it to whoever asks from the beginning, and how the run stood after
// each record. The stream tells which events came together and when; the numbers of the records come from the attempts that began
// in them. Pure.
import type { ExecutionEvent, StepEvent, StepView, Timestamp } from "@/api/types";
import type { Decided } from "./fold";
import { attemptKey, foldAttempt } from "./fold";
import { isOver } from "./tree";

/** What one record told. */
interface Told {
  events: readonly StepEvent[];
  decided: readonly Decided[];
}

export interface HistoryState {
  /** Whether everything so far has been told. */
  known: boolean;
  /** The server tells a past of this length no more: it has sent how the run stands instead. */
  tooLong: boolean;
  records: readonly Told[];
  open: Told;
  cursor: number;
  live: boolean;
}

const nothing: Told = { events: [], decided: [] };
export const noHistory: HistoryState = { known: false, tooLong: false, records: [], open: nothing, cursor: 0, live: false };

/** Takes in one piece of a stream that began at the beginning. */
export function foldHistory(state: HistoryState, event: ExecutionEvent): HistoryState {
  switch (event.type) {
    case "init":
      return { ...noHistory, tooLong: true, known: true };
    case "live":
      return { ...closed(state), known: true, live: true };
    case "run.updated":
      return { ...closed(state), cursor: event.position };
    case "run.step":
    case "approval.decided": {
      const { open } = state;
      const more = event.type === "run.step" ? { ...open, events: [...open.events, event.step] } : { ...open, decided: [...open.decided, event.decided] };
      const next = { ...state, open: more };
      // Of what was missed, the last event of a record carries the record's position; of what is live, the row after it does.
      return !state.live && event.position > state.cursor ? { ...closed(next), cursor: event.position } : next;
    }
    default:
      return state;
  }
}

/** The stream begins anew: the record that was being told is told again as a whole. */
export const reopened = (state: HistoryState): HistoryState => ({ ...state, open: nothing, live: false });

function closed(state: HistoryState): HistoryState {
  const { open, records } = state;
  return open.events.length + open.decided.length === 0 ? state : { ...state, records: [...records, open], open: nothing };
}

/** One record of a run's journal that tells something. */
export interface HistoryRecord extends Told {
  seq: number;
  /** Whether `seq` is certain. Between two records that are, some may have told nothing; then it is the earliest that it can be. */
  certain: boolean;
  at: Timestamp;
}

/** Numbers what was told. The first record of every journal is that the run was asked for. */
export function numbered(told: readonly Told[], rows: Iterable<StepView>, startedAt: Timestamp): HistoryRecord[] {
  const starts = new Map<string, number>();
  for (const row of rows) if (row.seq !== 0) starts.set(attemptKey(row), row.seq);
  const records: HistoryRecord[] = [{ ...nothing, seq: 1, certain: true, at: startedAt }];
  let sure = 0;
  for (const one of told) {
    const before = records[records.length - 1] as HistoryRecord;
    const anchor = one.events.map((event) => taken(starts, event)).find((seq) => seq !== undefined);
    const seq = Math.max(anchor ?? 0, before.seq + 1);
    records.push({ ...one, seq, certain: anchor !== undefined, at: one.events[0]?.at ?? before.at });
    if (anchor === undefined) continue;
    // When as many were told as there are numbers between two anchors, all of them are certain.
    const last = records.length - 1;
    if (seq - (records[sure] as HistoryRecord).seq === last - sure) for (let n = sure + 1; n < last; n++) (records[n] as HistoryRecord).certain = true;
    sure = last;
  }
  return records;
}

/** Returns the record of an attempt's start, for its first event alone. */
function taken(starts: Map<string, number>, event: StepEvent): number | undefined {
  const key = attemptKey(event);
  const seq = starts.get(key);
  starts.delete(key);
  return seq;
}

/** What can be told of a past that is too long to be told as it was: the beginning and the end of each attempt. */
export function toldByRows(rows: Iterable<StepView>): Told[] {
  const events: StepEvent[] = [];
  for (const row of rows) {
    const { path, attempt, name, kind, input, turn, child, approval, started_at } = row;
    if (row.at > started_at || row.phase === "started") events.push({ path, attempt, name, kind, input, turn, child, approval, phase: "started", at: started_at });
    if (row.phase !== "started") events.push(row);
  }
  events.sort((a, b) => a.at - b.at);
  const told: { events: StepEvent[]; decided: Decided[] }[] = [];
  for (const event of events) {
    const last = told.at(-1);
    if (last?.events[0]?.at === event.at) last.events.push(event);
    else told.push({ events: [event], decided: [] });
  }
  return told;
}

/** Returns the place of the last record that is not after `seq`. */
export function placeOf(records: readonly HistoryRecord[], seq: number): number {
  let [low, high] = [0, records.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((records[middle] as HistoryRecord).seq <= seq) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Returns the attempts as they stood after a record. */
export function rowsAt(records: readonly HistoryRecord[], place: number): { rows: Map<string, StepView>; decided: Map<string, Decided> } {
  const rows = new Map<string, StepView>();
  const decided = new Map<string, Decided>();
  for (const record of records.slice(0, place + 1)) {
    for (const event of record.events) {
      const key = attemptKey(event);
      const before = rows.get(key);
      const after = foldAttempt(before, event);
      rows.set(key, before === undefined ? { ...after, seq: record.seq } : after);
    }
    for (const one of record.decided) decided.set(one.approval, one);
  }
  // What was under way had taken so long by then.
  const at = records[place]?.at;
  if (at !== undefined) for (const [key, row] of rows) if (!isOver(row.phase)) rows.set(key, { ...row, duration_ms: at - row.started_at });
  return { rows, decided };
}
