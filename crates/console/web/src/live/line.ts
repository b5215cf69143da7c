// A websocket that comes back by itself and goes on where it was: by its cursor, nothing is lost and nothing comes twice.
import { api, ask } from "@/api/client";
import { ProblemError, sentence } from "@/api/problem";

/** How it stands with a line. */
export type LineState =
  | { is: "connecting" }
  /** Everything that was missed has been told. */
  | { is: "live" }
  | { is: "waiting"; why: string; until: number }
  /** It cannot go on by itself. */
  | { is: "ended"; why: string; code: string };

interface Told {
  type: string;
  position?: number;
}

export interface LineOptions<E extends Told> {
  path: string;
  subprotocol: string;
  /** Hears what is told, in order. */
  hear: (event: E) => void;
  state: (state: LineState) => void;
  /** Whether the other side answers `ping`: then a line that has gone silently is noticed before the network says so. */
  pings?: boolean;
  /** Asks by HTTP why the server refuses to open the line: a browser is not told. */
  probe?: () => Promise<unknown>;
}

const PAUSE_MIN_MS = 250;
const PAUSE_MAX_MS = 10_000;
/** After so long without `open` the attempt counts as failed. */
const OPEN_MAX_MS = 15_000;
/** The server pings, which a page does not see; a line that is this quiet asks whether anybody is there. */
const QUIET_MAX_MS = 45_000;

export class Line<E extends Told> {
  readonly #options: LineOptions<E>;
  #socket: WebSocket | null = null;
  #cursor: number | null = null;
  #pause = PAUSE_MIN_MS;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #quiet: ReturnType<typeof setTimeout> | undefined;
  #closed = false;
  #attempt = 0;

  constructor(options: LineOptions<E>) {
    this.#options = options;
    window.addEventListener("online", this.#atOnce);
    document.addEventListener("visibilitychange", this.#atOnce);
    void this.#open();
  }

  /** Says something; false when the line is not up. */
  say(message: object): boolean {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  /** Forgets the cursor, so that the next `open` begins with a whole picture. */
  afresh(): void {
    this.#cursor = null;
    this.#socket?.close();
  }

  close(): void {
    this.#closed = true;
    this.#attempt += 1;
    clearTimeout(this.#timer);
    clearTimeout(this.#quiet);
    window.removeEventListener("online", this.#atOnce);
    document.removeEventListener("visibilitychange", this.#atOnce);
    this.#socket?.close();
    this.#socket = null;
  }

  async #open(): Promise<void> {
    const attempt = ++this.#attempt;
    const outdated = () => this.#closed || attempt !== this.#attempt;
    this.#options.state({ is: "connecting" });
    let ticket: string;
    try {
      ticket = (await ask(api.POST("/api/tickets"))).ticket;
    } catch (error) {
      if (!outdated()) this.#failed(error);
      return;
    }
    if (outdated()) return;
    const address = new URL(this.#options.path, location.href);
    address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    if (this.#cursor !== null) address.searchParams.set("after", String(this.#cursor));
    const socket = new WebSocket(address, [this.#options.subprotocol, `tenure.ticket.${ticket}`]);
    this.#socket = socket;
    let opened = false;
    const late = setTimeout(() => socket.close(), OPEN_MAX_MS);
    socket.onopen = () => {
      opened = true;
      clearTimeout(late);
      this.#listenForSilence();
    };
    socket.onmessage = (message: MessageEvent<string>) => {
      if (!outdated()) this.#hear(JSON.parse(message.data) as E);
    };
    socket.onclose = () => {
      clearTimeout(late);
      if (outdated()) return;
      this.#socket = null;
      void this.#lost(opened);
    };
  }

  #hear(event: E): void {
    this.#listenForSilence();
    this.#options.hear(event);
    // The cursor moves after the event was taken in, so that a line that is cut in between gets it again.
    if (event.position !== undefined) this.#cursor = event.position;
    if (event.type === "live") {
      this.#pause = PAUSE_MIN_MS;
      this.#options.state({ is: "live" });
    }
  }

  #listenForSilence(): void {
    clearTimeout(this.#quiet);
    if (!this.#options.pings) return;
    this.#quiet = setTimeout(() => {
      const socket = this.#socket;
      if (socket === null || !this.say({ type: "ping" })) return;
      this.#quiet = setTimeout(() => socket.close(), OPEN_MAX_MS);
    }, QUIET_MAX_MS);
  }

  async #lost(opened: boolean): Promise<void> {
    clearTimeout(this.#quiet);
    if (!opened && this.#options.probe !== undefined) {
      const attempt = this.#attempt;
      try {
        await this.#options.probe();
      } catch (error) {
        if (!this.#closed && attempt === this.#attempt) this.#failed(error);
        return;
      }
    }
    if (!this.#closed) this.#again("The connection was lost.");
  }

  #failed(error: unknown): void {
    const refused = error instanceof ProblemError && !error.problem.retry && error.problem.status >= 400 && error.problem.status < 500;
    if (refused && error.problem.status !== 429) {
      this.#options.state({ is: "ended", why: sentence(error), code: error.code });
      return;
    }
    this.#again(sentence(error));
  }

  #again(why: string): void {
    const pause = this.#pause * (0.75 + Math.random() / 2);
    this.#pause = Math.min(this.#pause * 2, PAUSE_MAX_MS);
    this.#options.state({ is: "waiting", why, until: Date.now() + pause });
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#open(), pause);
  }

  /** Comes back without waiting: the network is there again, or somebody looks at the page. */
  readonly #atOnce = (): void => {
    if (this.#closed || document.hidden || this.#timer === undefined) return;
    if (this.#socket !== null) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    void this.#open();
  };
}
