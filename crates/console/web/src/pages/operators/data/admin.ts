// What the admin endpoint answers where the schema leaves it open, and the questions to it.
import { api, ask } from "@/api/client";
import type { Schemas, Timestamp } from "@/api/types";

export type Kind = Schemas["Kind"];
export type EntityRow = Schemas["EntityRow"];
export type Act = Schemas["Act"];

export interface WaitingEffect {
  id: unknown;
  effect: unknown;
}

/** One actor, inside out. */
export interface Detail {
  key: { kind: Kind; id: string };
  /** Whether it was in memory before it was looked at; looking brings it there. */
  awake: boolean;
  seq: number;
  /** The last record that was compacted away; 0 when all are there. */
  floor: number;
  position: number;
  epoch: number;
  in_flight: number;
  waiting_effects: WaitingEffect[];
  timer: Timestamp | null;
  claims: { runner: string; boot: string; work: string; generation: number }[];
  subscribers: number;
  size_bytes: number;
  state: unknown;
}

export interface JournalRow {
  seq: number;
  at: Timestamp;
  position: number;
  events: unknown[];
  effects: unknown[];
}

export interface Change {
  /** A JSON pointer. */
  at: string;
  before: unknown;
  after: unknown;
}

export interface Finding {
  cause: string;
  since: Timestamp;
  what: string;
  what_next: string;
}

/** Why a session does not get on. */
export interface Stuck {
  items: Finding[];
  pressure: { limit: string; used: number; max: number }[];
}

export const JOURNAL_PAGE = 20;

const at = (kind: string, id: string) => ({ kind: kind as Kind, id });

export const admin = {
  list: (kind: Kind, query: { cursor?: string; awake?: boolean }) =>
    ask(
      api.GET("/admin/entities/{kind}", {
        params: { path: { kind }, query: { ...(query.cursor === undefined ? {} : { cursor: query.cursor }), ...(query.awake === true ? { awake: "true" } : {}) } },
      }),
    ),
  show: (kind: string, id: string) => ask(api.GET("/admin/entities/{kind}/{id}", { params: { path: at(kind, id) } })) as Promise<Detail>,
  journal: (kind: string, id: string, from: number) =>
    ask(api.GET("/admin/entities/{kind}/{id}/journal", { params: { path: at(kind, id), query: { limit: String(JOURNAL_PAGE), cursor: String(from) } } })) as Promise<{
      items: JournalRow[];
      cursor?: string;
    }>,
  state: (kind: string, id: string, seq: number) =>
    ask(api.GET("/admin/entities/{kind}/{id}/state", { params: { path: at(kind, id), query: { seq: String(seq) } } })) as Promise<{ seq: number; state: unknown }>,
  changes: (kind: string, id: string, since: number, seq: number) =>
    ask(api.GET("/admin/entities/{kind}/{id}/state", { params: { path: at(kind, id), query: { seq: String(seq), since: String(since) } } })) as Promise<{ changes: Change[] }>,
  act: (kind: string, id: string, act: "passivate" | "wake", dry: boolean) => {
    const params = { path: at(kind, id), query: { dry_run: String(dry) } };
    return ask(act === "wake" ? api.POST("/admin/entities/{kind}/{id}/wake", { params }) : api.POST("/admin/entities/{kind}/{id}/passivate", { params }));
  },
  stuck: (id: string) => ask(api.GET("/admin/entities/session/{id}/stuck", { params: { path: { id } } })) as Promise<Stuck>,
  why: (id: string) => ask(api.GET("/api/executions/{id}/why", { params: { path: { id } } })),
  writer: () => ask(api.GET("/admin/writer")),
  metrics: () => ask(api.GET("/metrics", { parseAs: "text" })),
};
