// The state of an actor as a tree: now, or after any record, with what changed since another one marked.
import { useId, useState } from "react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { ChevronFirst, ChevronLast, ChevronLeft, ChevronRight } from "lucide-react";
import { Badge } from "@/ui/badge";
import { Button, IconButton } from "@/ui/button";
import { Input } from "@/ui/field";
import { Json } from "@/ui/json";
import { Section } from "@/ui/page";
import { Failure, Loading } from "@/ui/states";
import type { Change, Detail, Kind } from "../data/admin";
import { admin } from "../data/admin";
import { became, marks } from "../data/pointers";

interface StateProps {
  kind: Kind;
  id: string;
  detail: Detail;
}

export function StateView({ kind, id, detail }: StateProps) {
  const search = useSearch({ from: "/operators/$kind/$id" });
  const navigate = useNavigate();
  const first = detail.floor + 1;
  const clamp = (seq: number) => Math.max(first, Math.min(detail.seq, Math.round(seq)));
  const seq = search.seq === undefined ? undefined : clamp(search.seq);
  const since = search.since === undefined ? undefined : Math.min(clamp(search.since), seq ?? detail.seq);
  const go = (to: { seq?: number | undefined; since?: number | undefined }) =>
    void navigate({
      to: "/operators/$kind/$id",
      params: { kind, id },
      search: { tab: "state", ...(to.seq === undefined ? {} : { seq: to.seq }), ...(to.since === undefined ? {} : { since: to.since }) },
      replace: true,
    });
  const at = seq ?? detail.seq;
  const past = useQuery({ queryKey: ["admin", "state", kind, id, at], queryFn: () => admin.state(kind, id, at), enabled: seq !== undefined, retry: false });
  const compared = useQuery({
    queryKey: ["admin", "changes", kind, id, since, at],
    queryFn: () => admin.changes(kind, id, since ?? at, at),
    enabled: since !== undefined,
    retry: false,
  });
  const state = seq === undefined ? detail.state : past.data?.state;
  const changes = since === undefined ? undefined : compared.data?.changes;
  return (
    <div className="flex flex-col gap-4">
      <div className="flex flex-wrap items-center gap-x-6 gap-y-2">
        <Walk at={at} isNow={seq === undefined} first={first} last={detail.seq} onGo={(next) => go({ seq: next, since: since === undefined || next === undefined ? since : Math.min(since, next) })} />
        <Compare key={`${since}-${at}`} since={since} at={at} first={first} onCompare={(next) => go({ seq, since: next })} />
      </div>
      {since !== undefined && (
        <Section title={`What changed from seq ${since} to seq ${at}`}>
          {compared.isPending && <Loading rows={2} />}
          {compared.isError && <Failure error={compared.error} className="m-3" />}
          {changes !== undefined && <Changes changes={changes} />}
        </Section>
      )}
      <Section title={seq === undefined ? `State now, after record ${detail.seq}` : `State after record ${seq}`} className="min-w-0">
        {seq !== undefined && past.isPending && <Loading />}
        {seq !== undefined && past.isError && <Failure error={past.error} className="m-3" />}
        {state !== undefined && (
          <div className="p-2" data-testid="state">
            {/* What is open at first depends on the marks. */}
            <Json key={`${seq}-${since}-${changes?.length}`} value={state} depth={1} {...(changes === undefined ? {} : { marked: marks(changes) })} />
          </div>
        )}
      </Section>
      {seq !== undefined && <p className="text-xs text-soft">Text that was streaming at that moment is no part of a record.</p>}
    </div>
  );
}

interface WalkProps {
  at: number;
  isNow: boolean;
  first: number;
  last: number;
  onGo: (seq: number | undefined) => void;
}

/** Walks through the records of an actor. */
function Walk({ at, isNow, first, last, onGo }: WalkProps) {
  const field = useId();
  const [typed, setTyped] = useState<string | null>(null);
  const commit = () => {
    const seq = Number(typed);
    if (typed !== null && Number.isInteger(seq) && typed !== "") onGo(seq);
    setTyped(null);
  };
  return (
    <div className="flex flex-wrap items-center gap-1" role="group" aria-label="Which record">
      <IconButton small label="First record" disabled={at <= first} onClick={() => onGo(first)}>
        <ChevronFirst size={15} aria-hidden />
      </IconButton>
      <IconButton small label="Record before" disabled={at <= first} onClick={() => onGo(at - 1)}>
        <ChevronLeft size={15} aria-hidden />
      </IconButton>
      <span className="flex items-center gap-1.5 text-xs whitespace-nowrap text-soft">
        <label htmlFor={field}>seq</label>
        <Input
          id={field}
          type="number"
          min={first}
          max={last}
          className="h-7! w-16! py-0!"
          value={typed ?? at}
          onChange={(event) => setTyped(event.target.value)}
          onBlur={commit}
          onKeyDown={(event) => {
            if (event.key === "Enter") commit();
          }}
        />
        of {last}
      </span>
      <IconButton small label="Record after" disabled={at >= last} onClick={() => onGo(at + 1)}>
        <ChevronRight size={15} aria-hidden />
      </IconButton>
      <IconButton small label="Last record" disabled={at >= last} onClick={() => onGo(last)}>
        <ChevronLast size={15} aria-hidden />
      </IconButton>
      <input
        type="range"
        aria-label="Record"
        min={first}
        max={last}
        value={at}
        onChange={(event) => onGo(event.target.valueAsNumber)}
        disabled={first >= last}
        className="w-32 accent-accent sm:w-48"
      />
      {!isNow && (
        <Button small look="quiet" onClick={() => onGo(undefined)}>
          Now
        </Button>
      )}
    </div>
  );
}

interface CompareProps {
  since: number | undefined;
  at: number;
  first: number;
  onCompare: (since: number | undefined) => void;
}

function Compare({ since, at, first, onCompare }: CompareProps) {
  const field = useId();
  const [typed, setTyped] = useState(String(since ?? Math.max(first, at - 1)));
  const seq = Number(typed);
  return (
    <form
      className="flex flex-wrap items-center gap-1.5"
      onSubmit={(event) => {
        event.preventDefault();
        onCompare(seq);
      }}
    >
      <span className="flex items-center gap-1.5 text-xs whitespace-nowrap text-soft">
        <label htmlFor={field}>compare with seq</label>
        <Input id={field} type="number" required min={first} max={at} className="h-7! w-16! py-0!" value={typed} onChange={(event) => setTyped(event.target.value)} />
      </span>
      <Button small type="submit">
        Compare
      </Button>
      {since !== undefined && (
        <Button small look="quiet" onClick={() => onCompare(undefined)}>
          Stop comparing
        </Button>
      )}
    </form>
  );
}

const tones = { new: "good", gone: "bad", changed: "warn" } as const;

function Changes({ changes }: { changes: readonly Change[] }) {
  if (changes.length === 0) return <p className="px-3 py-2.5 text-sm text-soft">Nothing.</p>;
  return (
    <ul aria-label="Changes">
      {changes.map((change) => {
        const what = became(change);
        return (
          <li key={change.at} className="border-b border-line px-3 py-2 last:border-0">
            <p className="flex flex-wrap items-center gap-2">
              <Badge tone={tones[what]}>{what}</Badge>
              <code className="min-w-0 font-mono text-xs wrap-anywhere">{change.at === "" ? "the whole state" : change.at}</code>
            </p>
            <div className="mt-1 grid gap-x-4 sm:grid-cols-2">
              {what !== "new" && <Side name="before" value={change.before} />}
              {what !== "gone" && <Side name="after" value={change.after} />}
            </div>
          </li>
        );
      })}
    </ul>
  );
}

function Side({ name, value }: { name: string; value: unknown }) {
  return (
    <div className="min-w-0">
      <p className="text-xs text-soft">{name}</p>
      <Json value={value} depth={0} />
    </div>
  );
}
