// What does not get on, and why: of what is in memory, and of what the feed says is under way.
import { useState } from "react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { CircleCheck } from "lucide-react";
import { inLocalTime } from "@/api/local-time";
import type { Schemas } from "@/api/types";
import { useFeedKnown, useRows } from "@/live/feed";
import { Badge } from "@/ui/badge";
import { Section } from "@/ui/page";
import { Empty, Failure, Loading } from "@/ui/states";
import { isRunOver, RunStatus } from "@/ui/status";
import { Ago } from "@/ui/time";
import type { Finding, Stuck } from "./data/admin";
import { admin } from "./data/admin";
import type { Named } from "./data/names";
import { useNames } from "./data/names";
import { Looked } from "./parts/look";
import { SetAside } from "./server";

/** So many of each kind are asked, one request each. */
const ASKED_MAX = 100;

interface Told<T> {
  id: string;
  told: T;
}

interface Look {
  sessions: Told<Stuck>[];
  runs: Told<Schemas["WhyView"]>[];
  asked: { sessions: number; runs: number; more: boolean };
  /** Those that did not answer. */
  silent: { kind: "session" | "execution"; id: string; why: unknown }[];
}

export function StuckList() {
  // Until the feed has told what is under way there is nothing to ask.
  return useFeedKnown() ? <Asked /> : <Loading what="Loading what is under way" />;
}

function Asked() {
  const sessions = useRows("session").filter((row) => row.status === "working" || row.status === "waiting" || row.queued > 0);
  const runs = useRows("execution").filter((row) => !isRunOver(row.status));
  // What is under way when the page is opened, or when somebody looks again.
  const [asked, setAsked] = useState({ sessions: sessions.map((row) => row.id), runs: runs.map((row) => row.id) });
  const look = useQuery({ queryKey: ["admin", "stuck", asked], queryFn: () => lookAt(asked) });
  const writer = useQuery({ queryKey: ["admin", "writer"], queryFn: admin.writer });
  const names = useNames();
  const changed = [...sessions, ...runs].some((row) => !asked.sessions.includes(row.id) && !asked.runs.includes(row.id));
  const again = () => {
    void writer.refetch();
    if (changed) setAsked({ sessions: sessions.map((row) => row.id), runs: runs.map((row) => row.id) });
    else void look.refetch();
  };
  const stuck = look.data?.sessions.filter(({ told }) => told.items.length > 0 || told.pressure.length > 0) ?? [];
  const waiting = look.data?.runs.filter(({ told }) => (told.waits?.length ?? 0) > 0) ?? [];
  return (
    <Section title="What does not get on" actions={<Looked at={look.dataUpdatedAt} busy={look.isFetching} onLook={again} />}>
      <p className="border-b border-line px-3 py-2 text-xs text-soft">
        {look.data === undefined
          ? "Asks every session and run that is in memory or under way."
          : `${count(look.data.asked.sessions, "session")} and ${count(look.data.asked.runs, "run")} were asked: those in memory, and yours that are under way${look.data.asked.more ? `; there are more, at most ${ASKED_MAX} of each are asked` : ""}.`}
        {changed && look.data !== undefined && " Others have begun since."}
      </p>
      {look.isPending && <Loading what="Asking what is stuck" />}
      {look.isError && <Failure error={look.error} onRetry={() => void look.refetch()} className="m-3" />}
      {look.data !== undefined && stuck.length + waiting.length + look.data.silent.length === 0 && (
        <Empty title="Nothing is stuck">
          <CircleCheck size={16} aria-hidden className="mr-1 inline text-good" />
          Whatever is under way gets on.
        </Empty>
      )}
      <ul>
        {stuck.map(({ id, told }) => (
          <SessionItem key={id} id={id} told={told} named={names("session", id)} />
        ))}
        {waiting.map(({ id, told }) => (
          <RunItem key={id} id={id} told={told} named={names("execution", id)} />
        ))}
        {look.data?.silent.map(({ kind, id, why }) => (
          <li key={id} className="border-b border-line px-3 py-2.5 text-sm last:border-0">
            <ActorLink kind={kind} id={id} named={names(kind, id)} />
            <Failure error={why} className="mt-1" />
          </li>
        ))}
      </ul>
      {writer.data !== undefined && writer.data.set_aside.length > 0 && <SetAside all={writer.data.set_aside} />}
    </Section>
  );
}

const count = (number: number, what: string) => `${number} ${what}${number === 1 ? "" : "s"}`;

async function lookAt(own: { sessions: string[]; runs: string[] }): Promise<Look> {
  const [sessions, runs] = await Promise.all([admin.list("session", { awake: true }), admin.list("execution", { awake: true })]);
  const all = (page: { items: { id: string }[] }, more: string[]) => [...new Set([...page.items.map((row) => row.id), ...more])];
  const [ofSessions, ofRuns] = [all(sessions, own.sessions), all(runs, own.runs)];
  const more = typeof sessions.cursor === "string" || typeof runs.cursor === "string" || ofSessions.length > ASKED_MAX || ofRuns.length > ASKED_MAX;
  const asked = { sessions: Math.min(ofSessions.length, ASKED_MAX), runs: Math.min(ofRuns.length, ASKED_MAX), more };
  const look: Look = { sessions: [], runs: [], asked, silent: [] };
  const hear = async <T,>(kind: "session" | "execution", id: string, question: Promise<T>, into: Told<T>[]) => {
    try {
      into.push({ id, told: await question });
    } catch (why) {
      look.silent.push({ kind, id, why });
    }
  };
  await Promise.all([
    ...ofSessions.slice(0, ASKED_MAX).map((id) => hear("session", id, admin.stuck(id), look.sessions)),
    ...ofRuns.slice(0, ASKED_MAX).map((id) => hear("execution", id, admin.why(id), look.runs)),
  ]);
  return look;
}

interface ItemProps<T> {
  id: string;
  told: T;
  named: Named | undefined;
}

function SessionItem({ id, told, named }: ItemProps<Stuck>) {
  return (
    <li className="border-b border-line px-3 py-2.5 last:border-0">
      <p className="flex flex-wrap items-center gap-2 text-sm">
        <ActorLink kind="session" id={id} named={named} />
        <Badge>session</Badge>
        {named?.state !== undefined && <Badge tone={named.state.tone}>{named.state.word}</Badge>}
        <Link to="/sessions/$session" params={{ session: id }} className="ml-auto text-xs text-accent underline">
          Open the chat
        </Link>
      </p>
      <Findings stuck={told} />
    </li>
  );
}

/** What a session waits for, since when, and what happens next. */
export function Findings({ stuck }: { stuck: Stuck }) {
  return (
    <ul className="mt-1 flex flex-col gap-1.5">
      {stuck.items.map((finding, n) => (
        <FindingItem key={n} finding={finding} />
      ))}
      {stuck.pressure.map((one) => (
        <li key={one.limit} className="text-sm text-warn">
          {one.used} of {one.max} are used of its limit <code className="font-mono text-xs">{one.limit}</code>
        </li>
      ))}
    </ul>
  );
}

function FindingItem({ finding }: { finding: Finding }) {
  return (
    <li className="text-sm">
      <p className="flex flex-wrap items-baseline gap-x-2">
        <Badge tone="warn">{finding.cause.replaceAll("_", " ")}</Badge>
        <span className="min-w-40 flex-1 wrap-anywhere">{finding.what}</span>
        <Ago at={finding.since} className="text-xs text-soft" />
      </p>
      <p className="text-xs text-soft">Next: {inLocalTime(finding.what_next)}</p>
    </li>
  );
}

function RunItem({ id, told, named }: ItemProps<Schemas["WhyView"]>) {
  return (
    <li className="border-b border-line px-3 py-2.5 last:border-0">
      <p className="flex flex-wrap items-center gap-2 text-sm">
        <ActorLink kind="execution" id={id} named={named} />
        <Badge>run</Badge>
        <RunStatus status={told.status} />
        <Link to="/runs/$run" params={{ run: id }} className="ml-auto text-xs text-accent underline">
          Open the run
        </Link>
      </p>
      <p className="mt-1 text-sm wrap-anywhere">{told.sentence}</p>
    </li>
  );
}

function ActorLink({ kind, id, named }: { kind: "session" | "execution"; id: string; named: Named | undefined }) {
  return (
    <Link to="/operators/$kind/$id" params={{ kind, id }} className="font-medium text-accent hover:underline">
      {named?.name ?? <span className="font-mono text-xs">{id}</span>}
    </Link>
  );
}
