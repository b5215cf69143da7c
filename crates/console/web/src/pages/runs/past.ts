// A run as it stood at a record of its journal, when the address names one.
import { useMemo } from "react";
import { numbered, placeOf, rowsAt, toldByRows } from "@/live/run/history";
import type { HistoryRecord } from "@/live/run/history";
import type { RunState } from "@/live/run/fold";
import { usePast } from "@/live/run/watch";

export interface Past {
  records: readonly HistoryRecord[];
  /** Where in `records` it is looked at; null while the run is shown as it is. */
  place: number | null;
  loading: boolean;
  coarse: boolean;
  stood: ReturnType<typeof rowsAt> | null;
}

const none: Past = { records: [], place: null, loading: false, coarse: false, stood: null };

export function useStood(id: string, run: RunState, seq: number | undefined): Past {
  const { history, steps } = usePast(id, seq !== undefined);
  const startedAt = run.execution?.started_at;
  const loading = !history.known || steps === null || startedAt === undefined;
  const records = useMemo(() => {
    if (loading) return [];
    return numbered(history.tooLong ? toldByRows(steps) : history.records, steps, startedAt);
  }, [loading, history.tooLong, history.records, steps, startedAt]);
  const place = records.length === 0 || seq === undefined ? 0 : placeOf(records, seq);
  // Until it is known, the run is shown as it is.
  const stood = useMemo(() => (records.length === 0 ? null : rowsAt(records, place)), [records, place]);
  return seq === undefined ? none : { records, place, loading, coarse: history.tooLong, stood };
}
