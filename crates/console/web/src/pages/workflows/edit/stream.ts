// The event stream of a draft: asked for by POST, read as it comes.
import { credential } from "@/api/credential";
import { ProblemError, problemOf, unreachable } from "@/api/problem";
import type { Schemas } from "@/api/types";

export type DraftEvent = Schemas["DraftEvent"];

/** Takes pieces of an event stream, and returns the data of each event that is whole. */
export class EventReader {
  #rest = "";

  take(piece: string): string[] {
    this.#rest += piece;
    const blocks = this.#rest.split(/\r?\n\r?\n/);
    this.#rest = blocks.pop() ?? "";
    return blocks.flatMap((block) => {
      const lines = block.split(/\r?\n/).filter((line) => line.startsWith("data:"));
      // Lines without data are heartbeats.
      return lines.length === 0 ? [] : [lines.map((line) => line.slice(5).replace(/^ /, "")).join("\n")];
    });
  }
}

/** How far a draft has come. */
export interface Progress {
  /** What the model says in this round. */
  text: string;
  checking: boolean;
  /** The times that it was asked again, with what was wrong. */
  repairs: Extract<DraftEvent, { type: "repair" }>[];
}

export const begun: Progress = { text: "", checking: false, repairs: [] };

/** Takes one piece of news in. */
export function foldDraft(progress: Progress, event: DraftEvent): Progress {
  switch (event.type) {
    case "text":
      return { ...progress, text: progress.text + event.text, checking: false };
    case "checking":
      return { ...progress, checking: true };
    case "repair":
      return { text: "", checking: false, repairs: [...progress.repairs, event] };
    default:
      return { ...progress, checking: false };
  }
}

interface Wish {
  prompt: string;
  base?: string;
  step?: string;
}

/** Has a model draft, and hears what goes on; returns what came of it. */
export async function draft(wish: Wish, hear: (event: DraftEvent) => void, signal: AbortSignal): Promise<Schemas["Draft"]> {
  const path: keyof import("@/api/schema.gen").paths = wish.step === undefined ? "/api/workflows/draft" : "/api/workflows/draft/step";
  const body: Schemas["NewDraft"] | Schemas["NewStepDraft"] = wish;
  const response = await fetch(path, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "text/event-stream", authorization: `Bearer ${credential.get() ?? ""}` },
    body: JSON.stringify(body),
    signal,
  }).catch((cause: unknown) => {
    throw signal.aborted ? cause : new ProblemError(unreachable, { cause });
  });
  if (!response.ok || response.body === null) throw new ProblemError(problemOf(await response.json().catch(() => null), response));
  const events = new EventReader();
  const pieces = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await pieces.read();
    if (done) throw new ProblemError(unreachable);
    for (const data of events.take(value)) {
      const event = JSON.parse(data) as DraftEvent;
      hear(event);
      if (event.type === "draft") return event;
      if (event.type === "failed") throw new ProblemError(event.problem);
    }
  }
}
