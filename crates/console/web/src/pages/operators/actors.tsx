// Every actor, by kind and state: a picture of a moment, in which those that stir change as the server tells it.
import type { FormEvent } from "react";
import { useEffect, useState } from "react";
import { useQueries, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import type { ActorStir } from "@/api/types";
import { keyOf, useAdmin } from "@/live/admin";
import { useRows } from "@/live/feed";
import type { Tone } from "@/ui/badge";
import { Badge, Dot } from "@/ui/badge";
import { Button } from "@/ui/button";
import { cx } from "@/ui/classes";
import { Input } from "@/ui/field";
import { Section } from "@/ui/page";
import { Empty } from "@/ui/states";
import { Ago } from "@/ui/time";
import { runLook, sessionLook } from "@/ui/status";
import type { EntityRow, Kind } from "./data/admin";
import { admin } from "./data/admin";
import { isKind, kindNames, kinds, useNames } from "./data/names";
import { LiveMark } from "./parts/live";
import { Looked } from "./parts/look";
import { PagedView, itemsOf, usePaged } from "./parts/paged";
import { Cell, Row, Table } from "./parts/table";

const entitiesKey = ["admin", "entities"] as const;
/** How many that are not in the list stand above it. */
const NEW_MAX = 20;

export function Actors() {
  const search = useSearch({ from: "/operators" });
  const kind: Kind = isKind(search.kind) ? search.kind : "session";
  const awake = search.awake === true;
  const navigate = useNavigate();
  const cache = useQueryClient();
  const paged = usePaged([...entitiesKey, kind, awake], (cursor) => admin.list(kind, { awake, ...(cursor === undefined ? {} : { cursor }) }));
  const names = useNames();
  const stirred = useAdmin((state) => state.actors);
  const begun = useAdmin((state) => state.begun);
  const moreAt = useAdmin((state) => state.moreAt);
  useEffect(() => {
    // What has stirred before the line was live was not told.
    if (begun > 0) void cache.invalidateQueries({ queryKey: entitiesKey });
  }, [begun, cache]);
  const look = () => void cache.invalidateQueries({ queryKey: entitiesKey });
  const fresh = newHere(stirred, itemsOf(paged), kind, awake);
  return (
    <div className="flex flex-col gap-4">
      <Live />
      <div className="grid gap-4 md:grid-cols-[13rem_1fr]">
        <Kinds current={kind} awake={awake} />
        <Section
          className="min-w-0"
          title={kinds[kind].many}
          actions={
            <>
              <Looked at={paged.dataUpdatedAt} busy={paged.isFetching} onLook={look} />
              <label className="flex items-center gap-1.5 text-xs text-soft">
                <input
                  type="checkbox"
                  checked={awake}
                  onChange={(event) => void navigate({ to: "/operators", search: { tab: "actors", kind, ...(event.target.checked ? { awake: true } : {}) }, replace: true })}
                />
                In memory only
              </label>
            </>
          }
        >
          <div className="flex flex-wrap items-center gap-2 border-b border-line px-3 py-2">
            <p className="min-w-48 flex-1 text-xs text-soft">{kinds[kind].what}</p>
            <LiveMark what="what wakes, sleeps or moves on changes here" />
            <ById kind={kind} />
          </div>
          {moreAt > paged.dataUpdatedAt && (
            <p role="status" className="flex flex-wrap items-center gap-2 border-b border-line bg-warn-soft px-3 py-1.5 text-xs text-warn">
              More has stirred than could be told. Look again to see all of it.
            </p>
          )}
          <PagedView
            paged={paged}
            above={fresh.length}
            what={kinds[kind].many.toLowerCase()}
            empty={<Empty title={awake ? "None of them is in memory" : "There are none"}>{awake && "Those that nobody needs sleep on disk, and cost no memory."}</Empty>}
          >
            {(rows) => (
              <Table label={kinds[kind].many} head={["Actor", "State, live", "In memory"]}>
                {[...fresh, ...rows].map((row) => {
                  const named = names(row.kind, row.id);
                  const live = stirred.get(keyOf(row));
                  return (
                    <Row key={row.id}>
                      <Cell>
                        <Link to="/operators/$kind/$id" params={{ kind: row.kind, id: row.id }} className="font-medium text-accent hover:underline">
                          {named?.name ?? <span className="font-mono text-xs">{row.id}</span>}
                        </Link>
                        {fresh.includes(row) && (
                          <span className="ml-2 whitespace-nowrap">
                            <Badge tone="accent">new here</Badge>
                          </span>
                        )}
                        {named !== undefined && <span className="block font-mono text-xs text-soft">{row.id}</span>}
                      </Cell>
                      <Cell>{named?.state === undefined ? <span className="text-xs text-soft">not told</span> : <Badge tone={named.state.tone}>{named.state.word}</Badge>}</Cell>
                      <Cell className="whitespace-nowrap">
                        <Awake awake={(live ?? row).awake} live={live} />
                      </Cell>
                    </Row>
                  );
                })}
              </Table>
            )}
          </PagedView>
        </Section>
      </div>
    </div>
  );
}

/** Actors of this kind that have stirred and are not in the list: the last one first. */
function newHere(stirred: ReadonlyMap<string, ActorStir>, rows: readonly EntityRow[], kind: Kind, awake: boolean): EntityRow[] {
  const listed = new Set(rows.map((row) => row.id));
  const found = [...stirred.values()].filter((actor) => actor.kind === kind && !listed.has(actor.id) && (actor.awake || !awake));
  return found.reverse().slice(0, NEW_MAX);
}

function Awake({ awake, live }: { awake: boolean; live: ActorStir | undefined }) {
  return (
    <span className={cx("inline-flex items-center gap-1.5 text-xs", !awake && "text-soft")}>
      <Dot tone={awake ? "good" : "plain"} />
      {awake ? "awake" : "asleep"}
      {live !== undefined && (
        <span className="text-soft">
          {live.seq !== undefined && live.seq !== null && `record ${live.seq}, `}
          <Ago at={live.at} />
        </span>
      )}
    </span>
  );
}

/** How many sessions and runs there are by state, pushed by the feed. */
function Live() {
  const [sessions, runs] = [useRows("session"), useRows("execution")];
  return (
    <Section title="Now, as the feed tells it">
      <dl className="flex flex-wrap gap-x-8 gap-y-2 px-3 py-2.5 text-sm">
        <Counts name="Your sessions" looks={sessions.map((row) => sessionLook(row.status))} />
        <Counts name="Your runs" looks={runs.map((row) => runLook(row.status))} />
      </dl>
    </Section>
  );
}

function Counts({ name, looks }: { name: string; looks: { tone: Tone; word: string }[] }) {
  const counted = new Map<string, { tone: Tone; count: number }>();
  for (const { tone, word } of looks) counted.set(word, { tone, count: (counted.get(word)?.count ?? 0) + 1 });
  return (
    <div className="flex flex-wrap items-center gap-2">
      <dt className="text-soft">{name}</dt>
      <dd className="flex flex-wrap gap-1.5">
        {counted.size === 0 && <span className="text-soft">none</span>}
        {[...counted].map(([word, { tone, count }]) => (
          <Badge key={word} tone={tone}>
            {count} {word}
          </Badge>
        ))}
      </dd>
    </div>
  );
}

function Kinds({ current, awake }: { current: Kind; awake: boolean }) {
  const counts = useQueries({
    queries: kindNames.map((kind) => ({ queryKey: [...entitiesKey, kind, "awake count"], queryFn: () => admin.list(kind, { awake: true }) })),
  });
  return (
    <nav aria-label="Kinds of actors">
      <ul className="flex flex-wrap gap-0.5 md:flex-col">
        {kindNames.map((kind, n) => {
          const page = counts[n]?.data;
          return (
            <li key={kind}>
              <Link
                to="/operators"
                search={{ tab: "actors", kind, ...(awake ? { awake: true } : {}) }}
                replace
                aria-current={kind === current ? "true" : undefined}
                className="flex items-center justify-between gap-2 rounded-md px-2.5 py-1.5 text-sm text-soft hover:bg-sunken aria-[current=true]:bg-accent-soft aria-[current=true]:font-medium aria-[current=true]:text-accent"
              >
                {kinds[kind].many}
                {page !== undefined && page.items.length > 0 && (
                  <span className="text-xs" title="In memory at that moment">
                    {page.items.length}
                    {typeof page.cursor === "string" && "+"} awake
                  </span>
                )}
              </Link>
            </li>
          );
        })}
      </ul>
    </nav>
  );
}

const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

function ById({ kind }: { kind: Kind }) {
  const navigate = useNavigate();
  const [id, setId] = useState("");
  const open = (event: FormEvent) => {
    event.preventDefault();
    void navigate({ to: "/operators/$kind/$id", params: { kind, id: id.trim() } });
  };
  return (
    <form onSubmit={open} className="flex items-center gap-1.5">
      <Input aria-label={`Id of a ${kind}`} placeholder="Id" className="h-7! w-44 font-mono text-xs!" value={id} onChange={(event) => setId(event.target.value)} />
      <Button small type="submit" disabled={!ID.test(id.trim())}>
        Open
      </Button>
    </form>
  );
}
