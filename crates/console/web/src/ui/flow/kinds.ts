// The kinds of steps: a picture, a word, and what one line says of a step of each.
import type { LucideIcon } from "lucide-react";
import { BellRing, Blocks, Bot, Braces, CircleHelp, GitBranch, Hourglass, OctagonX, Repeat, ShieldCheck, Split, Terminal, Workflow } from "lucide-react";
import type { FlowStep } from "./steps";

interface Kind {
  icon: LucideIcon;
  word: string;
  /** The field that says most about it. */
  gist: (fields: FlowStep["fields"]) => unknown;
}

const kinds: Record<string, Kind> = {
  agent_prompt: { icon: Bot, word: "agent", gist: (fields) => fields.prompt },
  bash: { icon: Terminal, word: "shell", gist: (fields) => fields.command },
  tool: { icon: Blocks, word: "tool", gist: (fields) => fields.tool },
  notify: { icon: BellRing, word: "notify", gist: (fields) => fields.content },
  approval: { icon: ShieldCheck, word: "approval", gist: (fields) => fields.prompt },
  conditional: { icon: GitBranch, word: "if", gist: (fields) => fields.condition },
  loop: { icon: Repeat, word: "loop", gist: (fields) => fields.over ?? fields.while },
  parallel: { icon: Split, word: "parallel", gist: () => undefined },
  wait: { icon: Hourglass, word: "wait", gist: (fields) => fields.duration ?? fields.until ?? fields.event },
  set: { icon: Braces, word: "set", gist: (fields) => (typeof fields.variables === "object" && fields.variables !== null ? Object.keys(fields.variables).join(", ") : undefined) },
  workflow: { icon: Workflow, word: "workflow", gist: (fields) => fields.workflow },
  stop: { icon: OctagonX, word: "stop", gist: (fields) => fields.reason ?? fields.status },
};

const unknownKind: Kind = { icon: CircleHelp, word: "unknown", gist: () => undefined };

export const kindOf = (type: string): Kind => kinds[type] ?? { ...unknownKind, word: type || unknownKind.word };

/** Returns one line about a step. */
export function gistOf(step: FlowStep): string {
  const said = kindOf(step.type).gist(step.fields);
  if (said === undefined || said === null) return "";
  const text = typeof said === "string" ? said : JSON.stringify(said);
  return text.split("\n").find((line) => line.trim() !== "")?.trim() ?? "";
}
