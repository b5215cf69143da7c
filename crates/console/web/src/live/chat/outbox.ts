// What was said and not answered yet. It keeps its request id while it is sent again after a reconnect, so that the server
// does it once; prompts outlive a reload of the page.
import { freshKey } from "@/api/client";
import { ProblemError } from "@/api/problem";
import type { Problem, Schemas } from "@/api/types";
import { Store } from "../store";
import type { ChatState } from "./state";

export type Command = Schemas["ClientCommand"];
export type PromptCommand = Extract<Command, { type: "prompt" }>;
export type Reply = Schemas["Reply"];
export type Prompted = Extract<Reply, { outcome: "prompted" }>;

/** A prompt on its way. */
export interface SentPrompt {
  id: string;
  command: PromptCommand;
  at: number;
  /** Why the server did not take it. */
  refused?: Problem;
  /** The server has it; it is shown here until its news has come. */
  reply?: Prompted;
}

interface Waiting {
  command: Command;
  resolve: (reply: Reply) => void;
  reject: (why: unknown) => void;
}

export class Outbox {
  /** Prompts, oldest first. */
  readonly prompts: Store<readonly SentPrompt[]>;
  readonly #waiting = new Map<string, Waiting>();
  readonly #key: string;
  readonly #say: (message: object) => void;

  constructor(session: string, say: (message: object) => void) {
    this.#key = `tenure.outbox.${session}`;
    this.#say = say;
    this.prompts = new Store(this.#kept());
  }

  /** Says something, and resolves with what it led to. */
  ask(command: Command): Promise<Reply> {
    const id = freshKey();
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { command, resolve, reject });
      this.#say({ ...command, request_id: id });
    });
  }

  prompt(command: PromptCommand): void {
    const sent = { id: freshKey(), command, at: Date.now() };
    this.#set([...this.prompts.now, sent]);
    this.#say({ ...command, request_id: sent.id });
  }

  /** Says a refused prompt again. */
  again(id: string): void {
    this.#set(this.prompts.now.map((sent) => (sent.id === id ? { id, command: sent.command, at: sent.at } : sent)));
    const sent = this.prompts.now.find((one) => one.id === id);
    if (sent !== undefined) this.#say({ ...sent.command, request_id: id });
  }

  /** Forgets a prompt that was refused, and returns it. */
  forget(id: string): SentPrompt | undefined {
    const sent = this.prompts.now.find((one) => one.id === id);
    this.#set(this.prompts.now.filter((one) => one.id !== id));
    return sent;
  }

  /** The line is there (again): everything that has no answer is said. */
  flush(): void {
    for (const sent of this.prompts.now) {
      if (sent.refused === undefined && sent.reply === undefined) this.#say({ ...sent.command, request_id: sent.id });
    }
    for (const [id, { command }] of this.#waiting) this.#say({ ...command, request_id: id });
  }

  answered(id: string, reply: Reply): void {
    this.#take(id)?.resolve(reply);
    const now = this.prompts.now;
    if (!now.some((sent) => sent.id === id)) return;
    this.#set(reply.outcome === "prompted" ? now.map((sent) => (sent.id === id ? { ...sent, reply } : sent)) : now.filter((sent) => sent.id !== id));
  }

  refused(problem: Problem): void {
    const id = problem.request_id ?? "";
    this.#take(id)?.reject(new ProblemError(problem));
    this.#set(this.prompts.now.map((sent) => (sent.id === id ? { ...sent, refused: problem } : sent)));
  }

  /** Takes away the prompts that can be seen elsewhere now. */
  settle(state: ChatState, all: boolean): void {
    const now = this.prompts.now;
    if (now.every((sent) => sent.reply === undefined)) return;
    this.#set(now.filter((sent) => sent.reply === undefined || (!all && !isSeen(state, sent.reply))));
  }

  /** Nothing will be answered any more. */
  end(why: unknown): void {
    for (const { reject } of this.#waiting.values()) reject(why);
    this.#waiting.clear();
  }

  #take(id: string): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    return waiting;
  }

  #set(prompts: readonly SentPrompt[]): void {
    this.prompts.set(prompts);
    const unsaid = prompts.filter((sent) => sent.reply === undefined);
    try {
      if (unsaid.length === 0) sessionStorage.removeItem(this.#key);
      else sessionStorage.setItem(this.#key, JSON.stringify(unsaid));
    } catch {
      // Attachments may be more than the browser keeps; then a reload loses what was not sent, as without keeping.
    }
  }

  #kept(): readonly SentPrompt[] {
    const kept = sessionStorage.getItem(this.#key);
    return kept === null ? [] : (JSON.parse(kept) as SentPrompt[]);
  }
}

function isSeen(state: ChatState, reply: Prompted): boolean {
  if (state.queue.some((queued) => queued.prompt === reply.prompt)) return true;
  const turn = reply.turn ?? state.taken.get(reply.prompt);
  return turn !== undefined && state.messages.some((message) => message.turn === turn && message.role === "user");
}
