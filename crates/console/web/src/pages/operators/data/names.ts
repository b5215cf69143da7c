// What an actor is called, as far as the feed and the list of people know it.
import { useMemo } from "react";
import { useRows } from "@/live/feed";
import { usePeople } from "@/pages/account/people";
import type { Tone } from "@/ui/badge";
import { runLook, sessionLook } from "@/ui/status";
import { itemsOf } from "../parts/paged";
import type { Kind } from "./admin";

export interface Named {
  name: string;
  /** How it stands, live. */
  state?: { tone: Tone; word: string };
}

/** What each kind is, in a sentence. */
export const kinds: Record<Kind, { many: string; what: string }> = {
  session: { many: "Sessions", what: "A chat session: its threads, queue, turns, questions." },
  execution: { many: "Runs", what: "One run of one version of a workflow." },
  workflow: { many: "Workflows", what: "One workflow: its versions and proposals." },
  scheduler: { many: "Schedulers", what: "The triggers of one person, and their ledger." },
  owner: { many: "Owners", what: "What belongs to one person: names, personas, connectors." },
  policy: { many: "Policies", what: "The rules and grants of one person's agents." },
  budget: { many: "Budgets", what: "What one person's agents and runs may use." },
  realm: { many: "Realm", what: "The people and credentials of this server." },
  gate: { many: "Gate", what: "All places for runs, and who waits for one." },
};
export const kindNames = Object.keys(kinds) as Kind[];
export const isKind = (text: string | undefined): text is Kind => text !== undefined && text in kinds;

const single: Partial<Record<Kind, string>> = { realm: "The realm of this server", gate: "The gate of this server" };

/** Returns a function that names actors. */
export function useNames(): (kind: Kind, id: string) => Named | undefined {
  const [sessions, runs, workflows] = [useRows("session"), useRows("execution"), useRows("workflow")];
  const people = usePeople();
  return useMemo(() => {
    const known = new Map<string, Named>();
    for (const row of sessions) known.set(`session/${row.id}`, { name: row.title || "Untitled session", state: sessionLook(row.status) });
    for (const row of runs) known.set(`execution/${row.id}`, { name: row.name, state: runLook(row.status) });
    for (const row of workflows) known.set(`workflow/${row.id}`, { name: row.name, state: row.enabled ? { tone: "good", word: "enabled" } : { tone: "plain", word: "disabled" } });
    const names = new Map(itemsOf(people).map((person) => [person.id, person.name]));
    return (kind, id) => {
      const found = known.get(`${kind}/${id}`);
      if (found !== undefined) return found;
      const only = single[kind];
      if (only !== undefined) return { name: only };
      const person = names.get(id);
      return person === undefined ? undefined : { name: `of ${person}` };
    };
  }, [sessions, runs, workflows, people]);
}
