// What is known of one session: its picture, its open turns as they stream, and who is there.
import type { ClientEvent, Message, PromptMode, QuestionView, QueuedPrompt, Schemas, SessionView, ThreadView, TurnView, Usage } from "@/api/types";
import type { RunsState } from "./runs";
import { noRuns } from "./runs";
import type { LineState } from "../line";

export type Presence = Schemas["Presence"];
export type Limits = Extract<ClientEvent, { type: "init" }>["limits"];
export type Workspace = NonNullable<SessionView["workspace"]>;

/** A turn that is still open, with what was streamed so far. */
export interface OpenTurn extends TurnView {
  /** How many bytes of each streamed text are held: offsets count those, not characters. */
  bytes: Readonly<Record<string, number>>;
  /** Up to where the reports of tokens are counted. */
  usedAt?: number;
  /** What the agent says that it does. */
  detail?: string | null;
  /** The models that went on with it, oldest first. */
  switched?: readonly { to: string; reason: string }[];
}

/** The session without what changes with every word. */
export interface About {
  title: string;
  status: SessionView["status"];
  purpose: SessionView["purpose"];
  owner: string;
  participants: Readonly<Record<string, Schemas["Role"]>>;
  agent: string | null;
  model: string | null;
  models: readonly string[];
  mode: PromptMode;
  states: SessionView["states"];
  sandbox: SessionView["sandbox"];
  usage: Usage;
  created_at: number;
  updated_at: number;
}

/** How far back the transcript is held, in one lane: the whole session, or one thread of it. */
export interface Lane {
  /** The oldest record that is held without a hole above it. */
  from: number;
  /** Where the page before begins; null when there is none. */
  before: string | null;
}

export interface ChatState {
  line: LineState;
  /** Nothing is known before the first picture. */
  about: About | null;
  limits: Limits | null;
  threads: readonly ThreadView[];
  queue: readonly QueuedPrompt[];
  questions: readonly QuestionView[];
  presence: readonly Presence[];
  turns: ReadonlyMap<string, OpenTurn>;
  /** The finished messages that are held, oldest first. */
  messages: readonly Message[];
  /** By thread; `""` is the whole session. Absent before the first page came. */
  lanes: Readonly<Record<string, Lane>>;
  /** Why the last page of a lane could not be read. */
  pageErrors: Readonly<Record<string, unknown>>;
  /** Why a turn ended badly, as far as it was told live. */
  errors: ReadonlyMap<string, string>;
  /** Turns that are over; what still comes for them is old. */
  ended: ReadonlySet<string>;
  /** Which turn each prompt became, as far as it was seen. */
  taken: ReadonlyMap<string, string>;
  workspace: Workspace | null;
  runs: RunsState;
  /** Counts pictures: each may leave out messages that were missed. */
  pictures: number;
}

export const emptyChat: ChatState = {
  line: { is: "connecting" },
  about: null,
  limits: null,
  threads: [],
  queue: [],
  questions: [],
  presence: [],
  turns: new Map(),
  messages: [],
  lanes: {},
  pageErrors: {},
  errors: new Map(),
  ended: new Set(),
  taken: new Map(),
  workspace: null,
  runs: noRuns,
  pictures: 0,
};

/** Returns the thread of prompts that name none: the oldest. */
export function defaultThread(threads: readonly ThreadView[]): string | undefined {
  return threads.reduce<ThreadView | undefined>((oldest, thread) => (oldest === undefined || before(thread, oldest) ? thread : oldest), undefined)?.id;
}

export function before(a: ThreadView, b: ThreadView): boolean {
  return a.created_at < b.created_at || (a.created_at === b.created_at && a.id < b.id);
}
