// What people do with a run. Sent again after a failure, it carries the same key, so that it is not done twice.
import { api, ask, freshKey, keyed } from "@/api/client";
import type { ApprovalView, ExecutionRow, Schemas } from "@/api/types";
import type { OnResolve } from "@/ui/steps/unknown";
import type { Verdict } from "@/ui/steps/approval";

const keys = new Map<string, string>();

/** Sends a command under a key that is kept until it has been taken. */
export async function once<T>(what: readonly unknown[], send: (header: { "Idempotency-Key": string }) => Promise<T>): Promise<T> {
  const name = JSON.stringify(what);
  const key = keys.get(name) ?? freshKey();
  keys.set(name, key);
  const answer = await send(keyed(key));
  keys.delete(name);
  return answer;
}

export const cancel = (id: string, reason: string): Promise<ExecutionRow> =>
  once(["cancel", id, reason], (header) => ask(api.POST("/api/executions/{id}/cancel", { params: { path: { id }, header }, body: reason === "" ? {} : { reason } })));

export const pause = (id: string): Promise<ExecutionRow> => once(["pause", id], (header) => ask(api.POST("/api/executions/{id}/pause", { params: { path: { id }, header } })));

export const resume = (id: string): Promise<ExecutionRow> => once(["resume", id], (header) => ask(api.POST("/api/executions/{id}/resume", { params: { path: { id }, header } })));

export const retry = (id: string, body: Schemas["RetryExecution"]): Promise<Schemas["StartedExecution"]> =>
  once(["retry", id, body], (header) => ask(api.POST("/api/executions/{id}/retry", { params: { path: { id }, header }, body })));

export const resolve =
  (id: string): OnResolve =>
  (answer) =>
    once(["resolve", id, answer], (header) => ask(api.POST("/api/executions/{id}/resolve", { params: { path: { id }, header }, body: answer })));

export const sendEvent = (id: string, name: string, payload: unknown): Promise<Schemas["EventTaken"]> =>
  once(["event", id, name, payload], (header) => ask(api.POST("/api/executions/{id}/events/{name}", { params: { path: { id, name }, header }, body: payload })));

export const decide = (approval: ApprovalView, decision: Verdict, reason: string | undefined): Promise<unknown> =>
  once(["decide", approval.id, approval.hash, decision, reason], (header) =>
    ask(
      api.POST("/api/executions/{id}/approvals/{approval}", {
        params: { path: { id: approval.execution, approval: approval.id }, header },
        body: { hash: approval.hash, decision, ...(reason === undefined ? {} : { reason }) },
      }),
    ),
  );
