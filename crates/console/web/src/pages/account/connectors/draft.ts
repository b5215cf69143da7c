// What is typed about a connector, and what is sent of it: only what is said; what is left alone stays as it is.
import type { Schemas } from "@/api/types";

type View = Schemas["ConnectorView"];

/** A secret by its name: kept as it is while `value` is null. */
export interface Sealed {
  name: string;
  value: string | null;
  removed: boolean;
}

export interface Draft {
  name: string;
  by: "url" | "command";
  url: string;
  command: string;
  /** One in a line. */
  args: string;
  sealed: Sealed[];
  risk: Schemas["Risk"];
  /** The tools that may be called, by name; all when empty. */
  tools: string;
}

export function draftOf(view: View | null): Draft {
  const command = typeof view?.command === "string";
  const names = view === null ? [] : command ? (view.env ?? []) : view.headers;
  return {
    name: view?.name ?? "",
    by: command ? "command" : "url",
    url: view?.url ?? "",
    command: view?.command ?? "",
    args: (view?.args ?? []).join("\n"),
    sealed: names.map((name) => ({ name, value: null, removed: false })),
    risk: view?.risk ?? "medium",
    tools: (view?.tools ?? []).join(", "),
  };
}

/** Returns what is to be sent. */
export function changeOf(draft: Draft): Schemas["SetConnector"] {
  const sealed: Record<string, string | null> = {};
  for (const one of draft.sealed) {
    const name = one.name.trim();
    if (name === "") continue;
    if (one.removed) sealed[name] = null;
    else if (one.value !== null && one.value !== "") sealed[name] = one.value;
  }
  const tools = draft.tools.split(/[\s,]+/).filter(Boolean);
  const both = { risk: draft.risk, tools: tools.length === 0 ? null : tools };
  const lines = draft.args.split("\n").map((line) => line.trim());
  return draft.by === "url"
    ? { ...both, url: draft.url.trim(), headers: sealed }
    : { ...both, command: draft.command.trim(), args: lines.filter(Boolean), env: sealed };
}
