// Triggers that are older than what the feed pushes, page by page.
import { useState } from "react";
import { api, ask } from "@/api/client";
import { tell } from "@/ui/toast";
import type { TriggerRow } from "./data";

/** The feed tells so many of each list. */
const PUSHED_MAX = 200;

export function useOlder(pushed: readonly TriggerRow[]) {
  const [read, setRead] = useState<{ rows: TriggerRow[]; cursor: string | null }>({ rows: [], cursor: "" });
  const [busy, setBusy] = useState(false);
  const here = new Set(pushed.map((row) => row.id));
  const load = () => {
    setBusy(true);
    const query = { limit: String(PUSHED_MAX), ...(read.cursor ? { cursor: read.cursor } : {}) };
    ask(api.GET("/api/triggers", { params: { query } }))
      .then((page) => setRead((before) => ({ rows: [...before.rows, ...page.items], cursor: page.cursor ?? null })))
      .catch(tell.failed)
      .finally(() => setBusy(false));
  };
  return { rows: read.rows.filter((row) => !here.has(row.id)), more: pushed.length >= PUSHED_MAX && read.cursor !== null, busy, load };
}
