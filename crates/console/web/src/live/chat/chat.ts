// One session as it is followed: its line, its transcript in pages, and what is said to it.
import { api, ask } from "@/api/client";
import { ProblemError } from "@/api/problem";
import type { ClientEvent } from "@/api/types";
import { Line } from "../line";
import { Store } from "../store";
import { fold } from "./fold";
import type { Command, Reply } from "./outbox";
import { Outbox } from "./outbox";
import { foldNewest, foldPage, WHOLE } from "./pages";
import type { ChatState } from "./state";
import { emptyChat } from "./state";

const FIRST_PAGE = 40;
const PAGE = 200;

export class Chat {
  readonly session: string;
  readonly store = new Store<ChatState>(emptyChat);
  readonly outbox: Outbox;
  #line: Line<ClientEvent> | null = null;
  readonly #reading = new Set<string>();

  constructor(session: string) {
    this.session = session;
    this.outbox = new Outbox(session, (message) => {
      if (this.store.now.line.is === "live") this.#line?.say(message);
    });
  }

  /** Begins to listen, and returns how to end it. */
  start(): () => void {
    const id = this.session;
    const line = new Line<ClientEvent>({
      path: `/api/sessions/${id}/ws`,
      subprotocol: "tenure.client.v1",
      pings: true,
      probe: () => ask(api.GET("/api/sessions/{id}", { params: { path: { id } } })),
      hear: (event) => this.#hear(line, event),
      state: (state) => {
        this.store.set({ ...this.store.now, line: state });
        if (state.is === "live") this.outbox.flush();
        if (state.is === "ended") this.outbox.end(new Error(state.why));
      },
    });
    this.#line = line;
    return () => {
      this.#line = null;
      line.close();
      this.outbox.end(new Error("the session was left before the server answered"));
    };
  }

  /** Says something to the session; resolves with what it led to, after a reconnect when it must be. */
  ask(command: Command): Promise<Reply> {
    const { line } = this.store.now;
    if (line.is === "ended") return Promise.reject(new Error(line.why));
    return this.outbox.ask(command);
  }

  /** Tells the others whether somebody types here; nobody misses it when the line is away. */
  typing(thread: string, typing: boolean): void {
    if (this.store.now.line.is === "live") this.#line?.say({ type: "typing", thread, typing });
  }

  /** Reads the page before the oldest one that is held of a lane. */
  older(lane: string): Promise<void> {
    const held = this.store.now.lanes[lane];
    if (held !== undefined && held.before === null) return Promise.resolve();
    return this.#read(lane, held?.before ?? undefined);
  }

  #hear(line: Line<ClientEvent>, event: ClientEvent): void {
    const next = fold(this.store.now, event);
    if (next === null) {
      // After the line has moved its cursor, which is then forgotten.
      queueMicrotask(() => line.afresh());
      return;
    }
    this.store.set(next);
    const picture = event.type === "init" || event.type === "resync";
    if (event.type === "reply" && event.request_id != null) this.outbox.answered(event.request_id, event.reply);
    if (event.type === "error") this.outbox.refused(event.problem);
    this.outbox.settle(next, picture);
    if (picture || (event.type === "live" && next.lanes[WHOLE] === undefined)) void this.#read(WHOLE, undefined);
  }

  async #read(lane: string, before: string | undefined): Promise<void> {
    if (this.#reading.has(lane)) return;
    this.#reading.add(lane);
    try {
      for (;;) {
        const { pictures } = this.store.now;
        const query = { limit: String(before === undefined ? FIRST_PAGE : PAGE), before, thread: lane === WHOLE ? undefined : lane };
        const page = await ask(api.GET("/api/sessions/{id}/messages", { params: { path: { id: this.session }, query } }));
        const now = this.store.now;
        // A picture that came meanwhile may miss what this page is too old to hold.
        if (before === undefined && now.pictures !== pictures) continue;
        const known = before === undefined && now.lanes[lane] !== undefined;
        const next = known ? foldNewest(now, page) : foldPage(now, lane, page);
        this.store.set({ ...next, pageErrors: withoutKey(next.pageErrors, lane) });
        this.outbox.settle(this.store.now, false);
        return;
      }
    } catch (error) {
      const now = this.store.now;
      this.store.set({ ...now, pageErrors: { ...now.pageErrors, [lane]: error } });
      // A server that is away comes back, and so does the reading; other problems are shown.
      if (!(error instanceof ProblemError)) throw error;
    } finally {
      this.#reading.delete(lane);
    }
  }
}

function withoutKey<T>(map: Readonly<Record<string, T>>, key: string): Readonly<Record<string, T>> {
  if (!(key in map)) return map;
  return Object.fromEntries(Object.entries(map).filter(([name]) => name !== key));
}
