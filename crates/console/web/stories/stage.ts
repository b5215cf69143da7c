// A real server and a real runner with the scripted agent, as processes of their own, on a fresh folder and a free port.
import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, mkdir, open, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { setTimeout as pause } from "node:timers/promises";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const READY_MAX_MS = 30_000;
const TICK_MS = 25;

export interface StageOptions {
  /** Stretches the pauses of the scripts, in percent. */
  pace?: number;
  /** Whether each session works in a folder of its own, which is then watched. */
  apart?: boolean;
  /** Further settings of the server, by the names of its environment. */
  env?: Record<string, string>;
}

/** Returns the binary that the stories are told with. */
function binary(): string {
  const path = process.env.TENURE_BINARY;
  if (path === undefined) throw new Error("set TENURE_BINARY to the path of a built `tenure`, or use `cargo xtask console --stories`");
  return path;
}

export class Stage {
  readonly #processes = new Map<string, ChildProcess>();
  token = "";
  #runnerToken = "";

  private constructor(
    readonly folder: string,
    readonly port: number,
    readonly options: StageOptions,
  ) {}

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Where the agents work. */
  get workspace(): string {
    return join(this.folder, "workspace");
  }

  static async set(options: StageOptions = {}): Promise<Stage> {
    const folder = await mkdtemp(join(tmpdir(), "tenure-console-"));
    const stage = new Stage(folder, await freePort(), options);
    await mkdir(stage.workspace);
    try {
      // `dev` makes the first tokens.
      await stage.#start("dev", ["dev", "--json", "--listen", `127.0.0.1:${stage.port}`, "--data", stage.#data]);
      await stage.#ready("dev");
      const note = JSON.parse(await readFile(join(stage.#data, "dev.json"), "utf8")) as { token: string; runner_token: string };
      [stage.token, stage.#runnerToken] = [note.token, note.runner_token];
      await stage.#end("dev", "SIGTERM");
      await stage.startServer();
      await stage.startRunner();
    } catch (error) {
      await stage.strike();
      throw error;
    }
    return stage;
  }

  get #data(): string {
    return join(this.folder, "data");
  }

  async startServer(): Promise<void> {
    await this.#start("server", ["serve", "--listen", `127.0.0.1:${this.port}`, "--data", this.#data]);
    await this.#ready("server");
  }

  /** Kills the server as a crash would. */
  async killServer(): Promise<void> {
    await this.#end("server", "SIGKILL");
  }

  async startRunner(): Promise<void> {
    const runner = join(this.folder, "runner");
    await this.#start("runner", [
      ...["runner", "--server", this.url, "--token", this.#runnerToken, "--permissions", "allow"],
      ...(this.options.apart === true ? [] : ["--workspace", this.workspace]),
      ...["--data", runner, "--script", here("./scripts")],
    ]);
    await this.#until("runner", "connected", async () => {
      const page = (await this.api("GET", "/api/runners")) as { items: { connected: boolean }[] };
      return page.items.some((row) => row.connected);
    });
  }

  async stopRunner(): Promise<void> {
    await this.#end("runner", "SIGTERM");
  }

  /** Asks the HTTP API in the administrator's name; throws what it refuses. */
  async api(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<unknown> {
    const text = typeof body === "string";
    const response = await fetch(this.url + path, {
      method,
      headers: {
        authorization: `Bearer ${this.token}`,
        ...(body === undefined ? {} : { "content-type": text ? "application/yaml" : "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: text ? body : JSON.stringify(body) }),
    });
    const told = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${told}`);
    return told === "" ? undefined : (JSON.parse(told) as unknown);
  }

  /** Ends everything, and takes the folder away. */
  async strike(): Promise<void> {
    for (const name of ["runner", "server", "dev"]) await this.#end(name, "SIGTERM");
    await rm(this.folder, { recursive: true, force: true });
  }

  async #start(name: string, args: string[]): Promise<void> {
    const log = await open(join(this.folder, `${name}.log`), "a");
    const env = {
      ...process.env,
      TENURE_SCRIPT_PACE_PERCENT: String(this.options.pace ?? 100),
      TENURE_SERVER_CONSOLE_FOLDER: here("../../dist"),
      ...this.options.env,
    };
    const child = spawn(binary(), args, { env, stdio: ["ignore", log.fd, log.fd], cwd: this.folder });
    this.#processes.set(name, child);
    await once(child, "spawn");
    await log.close();
  }

  async #ready(name: string): Promise<void> {
    await this.#until(name, "ready", async () => (await fetch(`${this.url}/readyz`)).ok);
  }

  async #until(name: string, what: string, is: () => Promise<boolean>): Promise<void> {
    const end = Date.now() + READY_MAX_MS;
    while (!(await is().catch(() => false))) {
      const child = this.#processes.get(name);
      if (child?.exitCode !== null || Date.now() > end) {
        const log = await readFile(join(this.folder, `${name}.log`), "utf8").catch(() => "");
        throw new Error(`${name} is not ${what}; it said:\n${log.slice(-4000)}`);
      }
      await pause(TICK_MS);
    }
  }

  async #end(name: string, signal: NodeJS.Signals): Promise<void> {
    const child = this.#processes.get(name);
    this.#processes.delete(name);
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill(signal);
    const late = setTimeout(() => child.kill("SIGKILL"), 15_000);
    await ended;
    clearTimeout(late);
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port was given");
  return address.port;
}
