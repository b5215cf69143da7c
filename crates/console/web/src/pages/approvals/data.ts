// What the pages of approvals read and do.
import { useEffect } from "react";
import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, ask, keyed } from "@/api/client";
import type { Schemas, Waiting } from "@/api/types";
import { feed } from "@/live/feed";
import { object, text } from "./value";

export type Verdict = Schemas["Verdict"];
export type BudgetView = Schemas["BudgetView"];
export type GrantView = Schemas["GrantView"];
export type GrantMore = Schemas["GrantMore"];
export type CallApproval = Schemas["CallApproval"];
export type BudgetApproval = Schemas["BudgetApproval"];

/** Everything that people's decisions change. */
const POLICY = ["policy"] as const;
const BUDGETS = ["budgets"] as const;

/** Has grants, rules and budgets read again when something was decided. */
export function useApprovalNews(): void {
  const cache = useQueryClient();
  useEffect(
    () =>
      feed.listen((event) => {
        const approval = (event.type === "row" && event.row.list === "approval") || (event.type === "row.gone" && event.list === "approval");
        if (!approval && event.type !== "snapshot") return;
        void cache.invalidateQueries({ queryKey: POLICY });
        void cache.invalidateQueries({ queryKey: BUDGETS });
      }),
    [cache],
  );
}

/** Returns how to have what a person has just changed read again. */
export function useAgain() {
  const cache = useQueryClient();
  return {
    policy: () => cache.invalidateQueries({ queryKey: POLICY }),
    budgets: () => cache.invalidateQueries({ queryKey: BUDGETS }),
  };
}

export const useGrants = () => useQuery({ queryKey: [...POLICY, "grants"], queryFn: () => ask(api.GET("/api/policy/grants")) });
export const usePolicy = () => useQuery({ queryKey: [...POLICY, "rules"], queryFn: () => ask(api.GET("/api/policy")) });
// What is used grows without news; who comes to look gets what it is now.
export const useBudgets = () => useQuery({ queryKey: [...BUDGETS, "list"], queryFn: () => ask(api.GET("/api/budgets")), refetchOnMount: "always" });
export const useTools = () => useQuery({ queryKey: ["tools"], queryFn: () => ask(api.GET("/api/tools")) });

/** Reads a log of decisions, newest first, page by page. */
export function useAudit(of: "policy" | "budgets") {
  return useInfiniteQuery({
    queryKey: [of, "audit"],
    queryFn: ({ pageParam }) => {
      const params = { params: { query: { limit: "50", ...(pageParam === "" ? {} : { cursor: pageParam }) } } };
      return ask(of === "policy" ? api.GET("/api/policy/audit", params) : api.GET("/api/budgets/audit", params));
    },
    initialPageParam: "",
    getNextPageParam: (page) => page.cursor ?? undefined,
  });
}

export function decide(asked: Waiting, decision: Verdict, reason: string | undefined, grant?: GrantMore): Promise<Schemas["Decided"]> {
  // The hash says what was shown; deciding the same twice decides once.
  const body: Schemas["Decide"] = { hash: asked.hash, decision, ...(reason === undefined ? {} : { reason }), ...(grant === undefined ? {} : { grant }) };
  return ask(api.POST("/api/approvals/{approval}", { params: { path: { approval: asked.id }, header: keyed() }, body }));
}

/** How an approval was settled, as far as it can be known. */
export interface Settled {
  decision?: Verdict;
  by?: string | undefined;
  reason?: string | undefined;
  at?: number | undefined;
  /** What the server says, where it says no more than a sentence. */
  said?: string;
}

const LOOKED_AT = "50";

/** Finds out who has decided what; nothing where the one who asks may not know, or nobody has: what asked may be over. */
export async function whoDecided(asked: Waiting): Promise<Settled | null> {
  if ("prompt" in asked) {
    const page = await ask(api.GET("/api/executions/{id}/steps", { params: { path: { id: asked.execution } } }));
    const step = page.items.find((one) => one.approval === asked.id);
    const output = object(step?.output);
    const decision = verdict(output.decision);
    if (decision === undefined) return null;
    return { decision, by: text(output.decidedBy), reason: text(output.reason), at: typeof output.decidedAt === "number" ? output.decidedAt : step?.at };
  }
  if ("tool" in asked) {
    const log = await ask(api.GET("/api/policy/audit", { params: { query: { limit: LOOKED_AT } } }));
    const entry = log.items.find((one) => one.approval === asked.id && ["approved", "refused", "expired"].includes(one.what));
    if (entry === undefined) return null;
    const reason = /^(?:approved|refused) by [^:]+: (.*)$/s.exec(entry.words)?.[1];
    return { decision: entry.what === "approved" ? "approved" : "denied", by: entry.by?.name, reason, at: entry.at };
  }
  const log = await ask(api.GET("/api/budgets/audit", { params: { query: { limit: LOOKED_AT } } }));
  const entry = log.items.find((one) => ["raised", "set", "removed"].includes(one.what) && one.words.includes(asked.budget));
  return entry === undefined ? null : { decision: "approved", by: entry.by?.name, at: entry.at, said: entry.words };
}

const verdict = (value: unknown): Verdict | undefined => (value === "approved" || value === "denied" ? value : undefined);
