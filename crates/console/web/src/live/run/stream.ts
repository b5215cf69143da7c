// The stream of one run as server-sent events, which comes back by itself and goes on where it was.
import { api, ask } from "@/api/client";
import { credential } from "@/api/credential";
import { ProblemError, sentence } from "@/api/problem";
import type { ExecutionEvent } from "@/api/types";
import type { LineState } from "@/live/line";

interface Options {
  run: string;
  /** Begins with everything that was ever told, instead of how the run stands. */
  past?: boolean;
  hear: (event: ExecutionEvent) => void;
  state: (state: LineState) => void;
}

const PAUSE_MS = 500;

export class RunStream {
  readonly #options: Options;
  #cursor: number | null;
  #ended = new AbortController();

  constructor(options: Options) {
    this.#options = options;
    this.#cursor = options.past === true ? 0 : null;
    void this.#go();
  }

  close(): void {
    this.#ended.abort();
  }

  async #go(): Promise<void> {
    const { signal } = this.#ended;
    while (!signal.aborted) {
      this.#options.state({ is: "connecting" });
      try {
        await ask(api.GET("/api/executions/{id}", { params: { path: { id: this.#options.run } } }));
        await this.#read(signal);
      } catch (error) {
        if (error instanceof ProblemError && error.problem.status >= 400 && error.problem.status < 500 && !error.problem.retry) {
          return this.#options.state({ is: "ended", why: sentence(error), code: error.code });
        }
      }
      if (signal.aborted) return;
      this.#options.state({ is: "waiting", why: "The connection was lost.", until: Date.now() + PAUSE_MS });
      await new Promise((go) => setTimeout(go, PAUSE_MS));
    }
  }

  async #read(signal: AbortSignal): Promise<void> {
    const after = this.#cursor === null ? "" : `?after=${this.#cursor}`;
    const headers = { authorization: `Bearer ${credential.get() ?? ""}`, accept: "text/event-stream" };
    const response = await fetch(`/api/executions/${this.#options.run}/stream${after}`, { headers, signal });
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    for (let piece = await reader?.read(); piece !== undefined && !piece.done; piece = await reader?.read()) {
      text += piece.value;
      const blocks = text.split("\n\n");
      text = blocks.pop() ?? "";
      for (const block of blocks) this.#hear(block);
    }
  }

  #hear(block: string): void {
    const data = block.split("\n").find((line) => line.startsWith("data:"));
    if (data === undefined) return;
    const event = JSON.parse(data.slice(5)) as ExecutionEvent;
    this.#options.hear(event);
    if ("position" in event) this.#cursor = event.position;
    if (event.type === "live") this.#options.state({ is: "live" });
  }
}
