// What an actor is about: its figures, its timer, what it has asked for, who watches it, and why it does not get on.
import type { ReactNode } from "react";
import { useQuery } from "@tanstack/react-query";
import { useRow } from "@/live/feed";
import { CopyButton } from "@/ui/copy";
import { Json } from "@/ui/json";
import { Section } from "@/ui/page";
import { Failure, Loading } from "@/ui/states";
import { Ago, Clock } from "@/ui/time";
import type { Detail, Kind } from "../data/admin";
import { admin } from "../data/admin";
import { Looked } from "../parts/look";
import { Findings } from "../stuck";

interface OverviewProps {
  kind: Kind;
  id: string;
  detail: Detail;
}

export function Overview({ kind, id, detail }: OverviewProps) {
  return (
    <div className="grid gap-4 lg:grid-cols-2">
      <Section title="In figures" className="min-w-0 self-start">
        <Facts kind={kind} id={id} detail={detail} />
      </Section>
      <div className="flex min-w-0 flex-col gap-4">
        {kind === "session" && <WhySession id={id} />}
        {kind === "execution" && <WhyRun id={id} />}
        <Section title="Timer">
          <p className="px-3 py-2.5 text-sm">
            {detail.timer === null ? (
              <span className="text-soft">Nothing is due: it waits for a message.</span>
            ) : (
              <>
                It is to be woken <Ago at={detail.timer} className="font-medium" />, at <Clock at={detail.timer} />.
              </>
            )}
          </p>
        </Section>
        <Section title={`Effects not yet carried out (${detail.waiting_effects.length})`}>
          {detail.waiting_effects.length === 0 ? (
            <p className="px-3 py-2.5 text-sm text-soft">Whatever it asked for was carried out.</p>
          ) : (
            <div className="p-2">
              <Json value={detail.waiting_effects} depth={2} />
            </div>
          )}
        </Section>
        <Section title={`Works that it believes to be at runners (${detail.claims.length})`}>
          {detail.claims.length === 0 ? <p className="px-3 py-2.5 text-sm text-soft">None.</p> : <Claims claims={detail.claims} />}
        </Section>
      </div>
    </div>
  );
}

function Claims({ claims }: { claims: Detail["claims"] }) {
  return (
    <ul>
      {claims.map((claim) => (
        <li key={`${claim.work}${claim.generation}`} className="border-b border-line px-3 py-2 text-sm last:border-0">
          <RunnerName id={claim.runner} />, generation {claim.generation}
          <span className="block font-mono text-xs wrap-anywhere text-soft">work {claim.work}</span>
        </li>
      ))}
    </ul>
  );
}

function RunnerName({ id }: { id: string }) {
  const runner = useRow("runner", id);
  return runner === undefined ? <span className="font-mono text-xs">{id}</span> : <>at {runner.name}</>;
}

function Facts({ kind, id, detail }: OverviewProps) {
  const facts: [string, ReactNode][] = [
    [
      "Id",
      <span key="id" className="flex items-center gap-1">
        <span className="font-mono text-xs wrap-anywhere">{id}</span>
        <CopyButton text={id} label="Copy the id" />
      </span>,
    ],
    ["Kind", kind],
    ["In memory", detail.awake ? "it was awake" : "it was asleep until this look, which woke it"],
    ["Last record", `seq ${detail.seq}, position ${detail.position}`],
    ["Journal", detail.floor === 0 ? "all records are there" : `records up to seq ${detail.floor} were compacted away`],
    ["Commits under way", detail.in_flight],
    ["Watched by", detail.subscribers === 0 ? "nobody" : `${detail.subscribers} ${detail.subscribers === 1 ? "subscriber" : "subscribers"}`],
    ["Life in memory (epoch)", detail.epoch],
    ["In the store", bytes(detail.size_bytes)],
  ];
  return (
    <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1.5 px-3 py-2.5 text-sm">
      {facts.map(([name, value]) => (
        <div key={name} className="col-span-2 grid grid-cols-subgrid items-baseline">
          <dt className="text-soft">{name}</dt>
          <dd className="min-w-0">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function bytes(size: number): string {
  if (size < 1024) return `${size} bytes`;
  return size < 1024 * 1024 ? `${(size / 1024).toFixed(1)} KiB` : `${(size / 1024 / 1024).toFixed(1)} MiB`;
}

function WhySession({ id }: { id: string }) {
  const stuck = useQuery({ queryKey: ["admin", "stuck one", id], queryFn: () => admin.stuck(id), gcTime: 0 });
  const nothing = stuck.data !== undefined && stuck.data.items.length + stuck.data.pressure.length === 0;
  return (
    <Section title="Why is it stuck?" actions={<Looked what="At" at={stuck.dataUpdatedAt} busy={stuck.isFetching} onLook={() => void stuck.refetch()} />}>
      {stuck.isPending && <Loading rows={1} />}
      {stuck.isError && <Failure error={stuck.error} className="m-3" />}
      {nothing && <p className="px-3 py-2.5 text-sm text-good">It is not: it waits for nothing that is late.</p>}
      {stuck.data !== undefined && !nothing && (
        <div className="px-3 py-2">
          <Findings stuck={stuck.data} />
        </div>
      )}
    </Section>
  );
}

function WhyRun({ id }: { id: string }) {
  const why = useQuery({ queryKey: ["admin", "why", id], queryFn: () => admin.why(id), gcTime: 0, retry: false });
  return (
    <Section title="Why is it waiting?" actions={<Looked what="At" at={why.dataUpdatedAt} busy={why.isFetching} onLook={() => void why.refetch()} />}>
      {why.isPending && <Loading rows={1} />}
      {why.isError && <Failure error={why.error} className="m-3" />}
      {why.data !== undefined && <p className="px-3 py-2.5 text-sm wrap-anywhere">{why.data.sentence}</p>}
    </Section>
  );
}
