// Who has allowed, refused and changed what, newest first.
import type { ReactNode } from "react";
import { useState } from "react";
import { Link } from "@tanstack/react-router";
import { api, ask } from "@/api/client";
import type { Schemas } from "@/api/types";
import { useRows } from "@/live/feed";
import type { Tone } from "@/ui/badge";
import { Badge } from "@/ui/badge";
import { Select } from "@/ui/field";
import { Section } from "@/ui/page";
import { Empty } from "@/ui/states";
import { Ago } from "@/ui/time";
import { Looked } from "./parts/look";
import type { Paged } from "./parts/paged";
import { PagedView, usePaged } from "./parts/paged";

const logs = { calls: "Calls and grants", budgets: "Budgets", triggers: "A schedule or hook" } as const;
type Log = keyof typeof logs;

const tones: Record<string, Tone> = {
  allowed: "good",
  approved: "good",
  done: "good",
  granted: "accent",
  denied: "bad",
  refused: "bad",
  expired: "warn",
  lapsed: "warn",
  used_up: "warn",
  asked: "busy",
};

export function Audit() {
  const [log, setLog] = useState<Log>("calls");
  const choice = (
    <Select aria-label="Which log" className="h-7! w-auto! py-0! text-xs!" value={log} onChange={(event) => setLog(event.target.value as Log)}>
      {Object.entries(logs).map(([key, name]) => (
        <option key={key} value={key}>
          {name}
        </option>
      ))}
    </Select>
  );
  return log === "triggers" ? <TriggerLog choice={choice} /> : <AuditLog key={log} log={log} choice={choice} />;
}

const query = (cursor: string | undefined) => ({ params: { query: cursor === undefined ? {} : { cursor } } });

function AuditLog({ log, choice }: { log: "calls" | "budgets"; choice: ReactNode }) {
  const paged = usePaged(["audit", log], (cursor) => ask(log === "calls" ? api.GET("/api/policy/audit", query(cursor)) : api.GET("/api/budgets/audit", query(cursor))));
  const about = log === "calls" ? "What your agents have called, what was asked of you, and how your rules and grants have changed." : "Who has set, raised and removed your budgets, and when one was used up.";
  return (
    <Shown
      paged={paged}
      about={about}
      choice={choice}
      empty="Nothing has been written yet"
      row={(entry: Schemas["AuditEntry"], n) => (
        <Entry key={n} at={entry.at} what={entry.what} words={entry.words}>
          {typeof entry.session === "string" && (
            <Link to="/sessions/$session" params={{ session: entry.session }} className="text-accent underline">
              session
            </Link>
          )}
          {typeof entry.hash === "string" && (
            <span className="font-mono" title={entry.hash}>
              {entry.hash.slice(0, 15)}…
            </span>
          )}
        </Entry>
      )}
    />
  );
}

function TriggerLog({ choice }: { choice: ReactNode }) {
  const triggers = useRows("trigger");
  const [chosen, setChosen] = useState("");
  const trigger = chosen || (triggers[0]?.id ?? "");
  const which = (
    <>
      {choice}
      {triggers.length > 0 && (
        <Select aria-label="Schedule or hook" className="h-7! w-auto! max-w-52 py-0! text-xs!" value={trigger} onChange={(event) => setChosen(event.target.value)}>
          {triggers.map((row) => (
            <option key={row.id} value={row.id}>
              {row.name}
            </option>
          ))}
        </Select>
      )}
    </>
  );
  if (trigger === "") {
    return (
      <Section title="Audit" actions={which}>
        <Empty title="You have no schedules and no hooks" />
      </Section>
    );
  }
  return <TriggerChanges key={trigger} trigger={trigger} choice={which} />;
}

function TriggerChanges({ trigger, choice }: { trigger: string; choice: ReactNode }) {
  const paged = usePaged(["audit", "trigger", trigger], (cursor) =>
    ask(api.GET("/api/triggers/{trigger}/history", { params: { path: { trigger }, query: cursor === undefined ? {} : { cursor } } })),
  );
  return (
    <Shown
      paged={paged}
      about="How it has changed, by whom."
      choice={choice}
      empty="Nothing has been written yet"
      row={(change: Schemas["TriggerChangeRow"], n) => (
        <Entry key={n} at={change.at} what={change.change} words={typeof change.revision === "number" ? `revision ${change.revision}` : ""}>
          <span>by {change.by.name}</span>
        </Entry>
      )}
    />
  );
}

interface ShownProps<T> {
  paged: Paged<T>;
  about: string;
  choice: ReactNode;
  empty: string;
  row: (item: T, n: number) => ReactNode;
}

function Shown<T>({ paged, about, choice, empty, row }: ShownProps<T>) {
  return (
    <Section
      title="Audit"
      actions={
        <>
          <Looked at={paged.dataUpdatedAt} busy={paged.isFetching} onLook={() => void paged.refetch()} />
          {choice}
        </>
      }
    >
      <p className="border-b border-line px-3 py-2 text-xs text-soft">{about}</p>
      <PagedView paged={paged} what="entries" empty={<Empty title={empty} />}>
        {(items) => <ol>{items.map(row)}</ol>}
      </PagedView>
    </Section>
  );
}

interface EntryProps {
  at: number;
  what: string;
  words: string;
  children: ReactNode;
}

function Entry({ at, what, words, children }: EntryProps) {
  return (
    <li className="flex flex-wrap items-baseline gap-x-3 gap-y-0.5 border-b border-line px-3 py-2 text-sm last:border-0">
      <Ago at={at} className="w-20 shrink-0 text-xs text-soft" />
      <Badge tone={tones[what] ?? "plain"}>{what.replaceAll("_", " ")}</Badge>
      <span className="min-w-48 flex-1 wrap-anywhere">{words}</span>
      <span className="flex gap-2 text-xs text-soft">{children}</span>
    </li>
  );
}
