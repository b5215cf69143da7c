// What the pages of triggers read and do. Everything under the key of a trigger is read again when the feed tells that it has changed.
import { useEffect } from "react";
import { keepPreviousData, useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, ask, keyed } from "@/api/client";
import type { Schemas } from "@/api/types";
import { feed } from "@/live/feed";

export type TriggerRow = Schemas["TriggerRow"];
export type LedgerEntry = Schemas["LedgerEntry"];
export type PlannedTime = Schemas["PlannedTime"];

/** A trigger with its definition. The API's description has another thing under this name, so that it is put together here. */
export interface TriggerDetail extends TriggerRow {
  by: Schemas["Author"];
  definition: Record<string, unknown>;
  next?: PlannedTime | null;
  backfill?: Schemas["BackfillState"] | null;
  address?: Schemas["InletAddress"] | null;
}

const of = (id: string) => ["trigger", id] as const;
const LATEST = ["triggers", "latest"] as const;
const PAGE = "50";
const SETTLES_MS = 250;

/** Has what was read of triggers read again when the feed tells of them. */
export function useTriggerNews(): void {
  const cache = useQueryClient();
  useEffect(() => {
    // What was decided is told in a burst of rows; one reading after it is enough.
    let due: ReturnType<typeof setTimeout> | undefined;
    const late = () => {
      clearTimeout(due);
      due = setTimeout(() => void cache.invalidateQueries({ queryKey: LATEST }), SETTLES_MS);
    };
    const stop = feed.listen((event) => {
      if (event.type === "row" && event.row.list === "trigger") {
        void cache.invalidateQueries({ queryKey: of(event.row.id) });
        late();
      } else if (event.type === "snapshot") {
        void cache.invalidateQueries({ queryKey: ["trigger"] });
        late();
      }
    });
    return () => {
      clearTimeout(due);
      stop();
    };
  }, [cache]);
}

export function useTrigger(id: string) {
  return useQuery({
    queryKey: [...of(id), "view"],
    queryFn: async () => (await ask(api.GET("/api/triggers/{trigger}", { params: { path: { trigger: id } } }))) as unknown as TriggerDetail,
  });
}

/** Lists the next planned times of a trigger. */
export function useNextTimes(id: string, count: number, wanted = true) {
  return useQuery({
    queryKey: [...of(id), "next", count],
    queryFn: () => ask(api.GET("/api/triggers/{trigger}/preview", { params: { path: { trigger: id }, query: { count: String(count) } } })),
    enabled: wanted,
    placeholderData: keepPreviousData,
  });
}

/** Returns the newest decision of each trigger, as far as the newest of all hold one. */
export function useLatest(): ReadonlyMap<string, LedgerEntry> {
  return useQuery({ queryKey: LATEST, queryFn: latest }).data ?? none;
}

const none: ReadonlyMap<string, LedgerEntry> = new Map();

async function latest(): Promise<ReadonlyMap<string, LedgerEntry>> {
  const page = await ask(api.GET("/api/triggers/deliveries", { params: { query: { limit: "200" } } }));
  const newest = new Map<string, LedgerEntry>();
  for (const entry of page.items) if (!newest.has(entry.trigger)) newest.set(entry.trigger, entry);
  return newest;
}

/** Reads a trigger's ledger, newest first, page by page. */
export function useLedger(id: string, outcome: string) {
  return useInfiniteQuery({
    queryKey: [...of(id), "ledger", outcome],
    queryFn: ({ pageParam }) => {
      const query = { limit: PAGE, ...(outcome === "" ? {} : { outcome }), ...(pageParam === "" ? {} : { cursor: pageParam }) };
      return ask(api.GET("/api/triggers/{trigger}/deliveries", { params: { path: { trigger: id }, query } }));
    },
    initialPageParam: "",
    getNextPageParam: (page) => page.cursor ?? undefined,
  });
}

/** Reads how a trigger became what it is, newest first. */
export function useHistory(id: string) {
  return useInfiniteQuery({
    queryKey: [...of(id), "history"],
    queryFn: ({ pageParam }) => {
      const query = { limit: PAGE, ...(pageParam === "" ? {} : { cursor: pageParam }) };
      return ask(api.GET("/api/triggers/{trigger}/history", { params: { path: { trigger: id }, query } }));
    },
    initialPageParam: "",
    getNextPageParam: (page) => page.cursor ?? undefined,
  });
}

/** Reads one decision with what was delivered. */
export function useDelivery(id: string, firing: string) {
  return useQuery({
    queryKey: [...of(id), "delivery", firing],
    queryFn: () => ask(api.GET("/api/triggers/{trigger}/deliveries/{firing}", { params: { path: { trigger: id, firing } } })),
  });
}

const path = (trigger: string) => ({ params: { path: { trigger }, header: keyed() } });

/** What is done to a trigger. The feed tells what came of it. */
export const act = {
  enable: (id: string) => ask(api.POST("/api/triggers/{trigger}/enable", path(id))),
  disable: (id: string) => ask(api.POST("/api/triggers/{trigger}/disable", path(id))),
  resume: (id: string) => ask(api.POST("/api/triggers/{trigger}/resume", path(id))),
  pause: (id: string, body: Schemas["PauseTrigger"]) => ask(api.POST("/api/triggers/{trigger}/pause", { ...path(id), body })),
  rename: (id: string, name: string) => ask(api.POST("/api/triggers/{trigger}/rename", { ...path(id), body: { name } })),
  delete: (id: string) => ask(api.DELETE("/api/triggers/{trigger}", path(id))),
  run: (id: string, body: Schemas["RunTrigger"], key: string) =>
    ask(api.POST("/api/triggers/{trigger}/run", { params: { path: { trigger: id }, header: keyed(key) }, body })),
  replay: (id: string, firing: string, key: string) =>
    ask(api.POST("/api/triggers/{trigger}/deliveries/{firing}/replay", { params: { path: { trigger: id, firing }, header: keyed(key) } })),
  test: (id: string, body: Schemas["TestTrigger"]) => ask(api.POST("/api/triggers/{trigger}/test", { params: { path: { trigger: id } }, body })),
  backfill: (id: string, body: Schemas["NewBackfill"], key: string) =>
    ask(api.POST("/api/triggers/{trigger}/backfill", { params: { path: { trigger: id }, header: keyed(key) }, body })),
  stopBackfill: (id: string) => ask(api.DELETE("/api/triggers/{trigger}/backfill", path(id))),
  why: (id: string, at: string) => ask(api.GET("/api/triggers/{trigger}/why", { params: { path: { trigger: id }, query: { at } } })),
};

/** Definitions travel as text, which is sent as it is. */
const asText = { bodySerializer: (text: string) => text, headers: { "content-type": "application/yaml" } };

/** What is asked of a definition that is written. Each takes YAML, of which JSON is a part. */
export const definition = {
  validate: (text: string) => ask(api.POST("/api/triggers/validate", { body: text, ...asText })),
  preview: (text: string, count: number) => ask(api.POST("/api/triggers/preview", { params: { query: { count: String(count) } }, body: text, ...asText })),
  create: (text: string, key: string) => ask(api.POST("/api/triggers", { params: { header: keyed(key) }, body: text, ...asText })),
  change: (id: string, text: string, revision: number, key: string) =>
    ask(
      api.PATCH("/api/triggers/{trigger}", {
        params: { path: { trigger: id }, query: { expected_revision: String(revision) }, header: keyed(key) },
        body: text,
        ...asText,
      }),
    ),
};
