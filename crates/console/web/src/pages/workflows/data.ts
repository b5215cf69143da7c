// What the pages read of workflows. The feed says when it has changed.
import { useEffect } from "react";
import type { QueryKey, UseMutationResult } from "@tanstack/react-query";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useRef } from "react";
import { api, ask, freshKey, keyed } from "@/api/client";
import type { FeedEvent, Schemas } from "@/api/types";
import type { ListName } from "@/live/feed";
import { feed, useRows } from "@/live/feed";
import { tell } from "@/ui/toast";

export type WorkflowRow = Schemas["WorkflowRow"];
export type WorkflowView = Schemas["WorkflowView"];

/** Reads a workflow with its definition, by its slug or id. */
export function useWorkflow(name: string) {
  const key = ["workflow", name, "view"];
  useFresh("workflow", key);
  return useQuery({ queryKey: key, queryFn: () => ask(api.GET("/api/workflows/{id}", { params: { path: { id: name } } })) });
}

export function useVersions(id: string) {
  const key = ["workflow", id, "versions"];
  useFresh("workflow", key, id);
  return useQuery({ queryKey: key, queryFn: () => ask(api.GET("/api/workflows/{id}/versions", { params: { path: { id } } })) });
}

/** Reads one version; it never changes. */
export function useVersion(id: string, hash: string | undefined) {
  return useQuery({
    queryKey: ["workflow", id, "version", hash],
    queryFn: () => ask(api.GET("/api/workflows/{id}/versions/{hash}", { params: { path: { id, hash: hash ?? "" } } })),
    enabled: hash !== undefined,
  });
}

export function useProposals(id: string) {
  const key = ["workflow", id, "proposals"];
  useFresh("workflow", key, id);
  return useQuery({ queryKey: key, queryFn: () => ask(api.GET("/api/workflows/{id}/proposals", { params: { path: { id } } })) });
}

export function useProposal(id: string, proposal: string) {
  const key = ["workflow", id, "proposal", proposal];
  useFresh("workflow", key, id);
  return useQuery({ queryKey: key, queryFn: () => ask(api.GET("/api/workflows/{id}/proposals/{proposal}", { params: { path: { id, proposal } } })) });
}

/** Reads again what is under a key when the feed tells of a row of this list: of the one with this id, or of any. */
export function useFresh(list: ListName, key: QueryKey, id?: string): void {
  const cache = useQueryClient();
  const text = JSON.stringify(key);
  useEffect(
    () =>
      feed.listen((event) => {
        if (concerns(event, list, id)) void cache.invalidateQueries({ queryKey: JSON.parse(text) as QueryKey });
      }),
    [cache, list, id, text],
  );
}

function concerns(event: FeedEvent, list: string, id: string | undefined): boolean {
  if (event.type === "row") return event.row.list === list && (id === undefined || event.row.id === id);
  if (event.type === "row.gone") return event.list === list && (id === undefined || event.id === id);
  // What was missed meanwhile is not told row by row.
  return event.type === "snapshot";
}

/** Returns the runs of a workflow that the feed knows, newest first. */
export function useRuns(id: string) {
  return useRows("execution").filter((run) => run.workflow === id);
}

/** Has something done. Sent again after a failure, it carries the same key, so that it is not done twice. */
export function useCommand<A, T>(send: (args: A, header: { "Idempotency-Key": string }) => Promise<T>, done: (result: T, args: A) => void, failed: (error: unknown) => void = tell.failed): UseMutationResult<T, unknown, A> {
  const last = useRef<{ of: string; key: string } | null>(null);
  return useMutation({
    mutationFn: (args: A) => {
      const of = JSON.stringify(args ?? null);
      if (last.current?.of !== of) last.current = { of, key: freshKey() };
      return send(args, keyed(last.current.key));
    },
    onSuccess: (result, args) => {
      last.current = null;
      done(result, args);
    },
    onError: failed,
  });
}
