// The list of sessions: live, searched, filtered; older ones than the feed holds are read in pages.
import { useEffect, useMemo, useState } from "react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Plus, Search } from "lucide-react";
import { Virtualizer } from "virtua";
import { api, ask } from "@/api/client";
import type { SessionRow } from "@/api/types";
import { useFeedKnown, useRows } from "@/live/feed";
import { Button } from "@/ui/button";
import { cx } from "@/ui/classes";
import { inputLook, Select } from "@/ui/field";
import { Empty, Failure, Loading } from "@/ui/states";
import type { PurposeFilter, StateFilter } from "./filter";
import { everything, joined, matches } from "./filter";
import { NewSession } from "./new-session";
import { Row } from "./row";
import { beginSeen, useAllSeen } from "./seen";

/** The feed holds the newest so many; there may be more. */
const FEED_MAX = 200;

const states: Record<StateFilter, string> = { all: "Any state", open: "Not ended", working: "Working", waiting: "Waiting", idle: "Idle", terminated: "Ended" };
const purposes: Record<PurposeFilter, string> = { all: "Any purpose", interactive: "Chats", workflow: "Of workflows", child: "Of other sessions", orchestrator: "Orchestrator" };

export function SessionList({ current }: { current: string | undefined }) {
  const live = useRows("session");
  const known = useFeedKnown();
  const older = useOlder();
  const seen = useAllSeen();
  const [filter, setFilter] = useState(everything);
  const [making, setMaking] = useState(false);
  useEffect(() => beginSeen(Date.now()), []);
  const all = useMemo(() => joined(live, older.rows), [live, older.rows]);
  const shown = useMemo(() => all.filter((row) => matches(row, filter)), [all, filter]);
  const more = live.length >= FEED_MAX && older.more;
  return (
    <div className="flex h-full min-h-0 flex-col">
      <header className="flex flex-col gap-2 border-b border-line p-2.5">
        <div className="flex items-center gap-2">
          <h1 className="flex-1 text-base font-semibold">Sessions</h1>
          <Button small look="primary" icon={<Plus size={14} aria-hidden />} onClick={() => setMaking(true)}>
            New session
          </Button>
        </div>
        <label className="relative block">
          <span className="sr-only">Search in titles</span>
          <Search size={14} aria-hidden className="absolute top-2.5 left-2.5 text-soft" />
          <input type="search" value={filter.text} onChange={(event) => setFilter({ ...filter, text: event.target.value })} placeholder="Search in titles" className={cx(inputLook, "h-8 pl-8!")} />
        </label>
        <div className="flex gap-2">
          <Select aria-label="State" value={filter.state} onChange={(event) => setFilter({ ...filter, state: event.target.value as StateFilter })} className="h-8! min-w-0 text-xs!">
            {Object.entries(states).map(([key, name]) => (
              <option key={key} value={key}>
                {name}
              </option>
            ))}
          </Select>
          <Select aria-label="Purpose" value={filter.purpose} onChange={(event) => setFilter({ ...filter, purpose: event.target.value as PurposeFilter })} className="h-8! min-w-0 text-xs!">
            {Object.entries(purposes).map(([key, name]) => (
              <option key={key} value={key}>
                {name}
              </option>
            ))}
          </Select>
        </div>
      </header>
      {!known ? (
        <Loading what="Reading the sessions" rows={8} />
      ) : shown.length === 0 ? (
        <Nothing filtered={all.length > 0} more={more} onMore={older.read} />
      ) : (
        // Scrolled by the keyboard too: its links take the focus.
        <nav aria-label="Sessions" className="min-h-0 flex-1 overflow-y-auto p-1.5">
          <Virtualizer data={shown} itemSize={56}>
            {(row: SessionRow) => <Row key={row.id} row={row} current={row.id === current} seen={seen} />}
          </Virtualizer>
          {more && (
            <div className="flex justify-center p-2">
              <Button small busy={older.busy} onClick={older.read}>
                Older sessions
              </Button>
            </div>
          )}
          {older.error !== null && <Failure error={older.error} onRetry={older.read} />}
        </nav>
      )}
      {making && <NewSession onClose={() => setMaking(false)} />}
    </div>
  );
}

function Nothing({ filtered, more, onMore }: { filtered: boolean; more: boolean; onMore: () => void }) {
  if (!filtered) return <Empty title="No sessions yet">Open one, and say what should be done.</Empty>;
  return <Empty title="No session is like that" action={more ? <Button small onClick={onMore}>Look in older ones</Button> : undefined} />;
}

/** Reads what is older than the feed holds, a page at a time, when somebody asks for it. */
function useOlder() {
  const [wanted, setWanted] = useState(false);
  const query = useInfiniteQuery({
    queryKey: ["sessions", "older"],
    enabled: wanted,
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) => ask(api.GET("/api/sessions", { params: { query: { limit: String(FEED_MAX), cursor: pageParam } } })),
    getNextPageParam: (page) => page.cursor ?? undefined,
  });
  const rows = useMemo(() => query.data?.pages.flatMap((page) => page.items) ?? [], [query.data]);
  const read = () => {
    setWanted(true);
    if (query.data !== undefined) void query.fetchNextPage();
  };
  return { rows, read, more: query.data === undefined || query.hasNextPage, busy: query.isFetching, error: query.error };
}

