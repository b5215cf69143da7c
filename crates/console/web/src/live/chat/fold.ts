// Takes the news of a session in. Every piece may come twice; text counts by its offset, everything else replaces.
import type { ClientEvent, Message, RunPicture, SessionView } from "@/api/types";
import { withMessages } from "./messages";
import { foldRuns } from "./runs";
import type { ChatState, OpenTurn, Presence, Workspace } from "./state";
import { before } from "./state";
import { addText, freshTurn, picturedTurn, setCall } from "./turn";

/** How many finished turns are remembered, so that late news of them is known to be old. */
const ENDED_MAX = 1_000;

/** Returns what is known after a piece of news; null when something before it is missing and a picture is needed. */
export function fold(state: ChatState, event: ClientEvent): ChatState | null {
  const runs = foldRuns(state.runs, event);
  const told = runs === state.runs ? state : { ...state, runs };
  return foldChat(told, event);
}

function foldChat(state: ChatState, event: ClientEvent): ChatState | null {
  switch (event.type) {
    case "init":
      return { ...pictured(state, event), limits: event.limits };
    case "resync":
      return pictured(state, event);
    case "message":
      return { ...state, messages: withMessages(state.messages, [event.message]) };
    case "message.finalize":
      return finalized(state, event.message, event.error);
    case "message.superseded":
      return superseded(state, event.turn);
    case "message.create":
      return created(state, event);
    case "turn.phase":
      return inTurn(state, event.turn, (turn) => ({
        ...turn,
        phase: event.phase,
        waiting: event.waiting ?? null,
        agent: event.agent ?? turn.agent ?? null,
      }));
    case "message.part.text-delta":
      return inTurn(state, event.turn, (turn) => addText(turn, event.part, event.kind, event.offset, event.text));
    case "message.part.tool-update":
      return inTurn(state, event.turn, (turn) => setCall(turn, event.part, event.call));
    case "agentStatus":
      return inTurn(state, event.turn, (turn) => ({ ...turn, status: event.status, detail: event.detail ?? null }));
    case "usage":
      return inTurn(state, event.turn, (turn) => used(turn, event));
    case "model-switched":
      return inTurn(state, event.turn, (turn) =>
        turn.switched?.some((one) => one.to === event.to && one.reason === event.reason)
          ? turn
          : { ...turn, switched: [...(turn.switched ?? []), { to: event.to, reason: event.reason }] },
      );
    default:
      return aboutSession(state, event);
  }
}

function aboutSession(state: ChatState, event: ClientEvent): ChatState {
  switch (event.type) {
    case "question":
      return { ...state, questions: [...state.questions.filter((one) => one.question !== event.question.question), event.question] };
    case "question.resolved":
      return { ...state, questions: state.questions.filter((one) => one.question !== event.question) };
    case "queue.state":
      return { ...state, queue: event.queue };
    case "queue.withdrawn":
      return { ...state, queue: state.queue.filter((one) => one.prompt !== event.prompt) };
    case "thread.created":
    case "thread.updated": {
      const others = state.threads.filter((thread) => thread.id !== event.thread.id);
      return { ...state, threads: [...others, event.thread].sort((a, b) => (before(a, b) ? -1 : 1)) };
    }
    case "thread.closed":
      return { ...state, threads: state.threads.filter((thread) => thread.id !== event.thread) };
    case "title":
      return changed(state, { title: event.title });
    case "session.updated":
      return changed(state, { status: event.status, mode: event.mode, states: event.states, sandbox: event.sandbox ?? null });
    case "participants": {
      const participants = { ...state.about?.participants };
      if (event.role == null) Reflect.deleteProperty(participants, event.user);
      else participants[event.user] = event.role;
      return changed(state, { participants });
    }
    case "models":
      return changed(state, { models: event.models, model: event.current ?? null });
    case "git-state":
      return { ...state, workspace: { ...state.workspace, git: event.git } };
    case "files-changed":
      return { ...state, workspace: { ...state.workspace, files: event.changed } };
    case "checkpoint":
      return kept(state, event.turn);
    case "presence":
      return { ...state, presence: event.presence };
    default:
      return state;
  }
}

function changed(state: ChatState, news: Partial<NonNullable<ChatState["about"]>>): ChatState {
  return state.about === null ? state : { ...state, about: { ...state.about, ...news } };
}

interface Picture {
  position: number;
  session: SessionView;
  runs?: RunPicture[];
  presence: Presence[];
}

function pictured(state: ChatState, { position, session, presence }: Picture): ChatState {
  const open = session.turns.filter((turn) => !state.ended.has(turn.turn));
  return {
    ...state,
    about: {
      title: session.title,
      status: session.status,
      purpose: session.purpose,
      owner: session.owner,
      participants: session.participants,
      agent: session.agent ?? null,
      model: session.model ?? null,
      models: session.models,
      mode: session.mode,
      states: session.states,
      sandbox: session.sandbox ?? null,
      usage: session.usage,
      created_at: session.created_at,
      updated_at: session.updated_at,
    },
    threads: [...session.threads].sort((a, b) => (before(a, b) ? -1 : 1)),
    queue: session.queue,
    questions: session.questions,
    presence,
    turns: new Map(open.map((turn) => [turn.turn, { ...picturedTurn(turn), usedAt: position }])),
    workspace: session.workspace ?? null,
    pictures: state.pictures + 1,
  };
}

function created(state: ChatState, event: Extract<ClientEvent, { type: "message.create" }>): ChatState {
  const taken = new Map(state.taken);
  for (const prompt of event.prompts) taken.set(prompt, event.turn);
  const told = { ...state, taken };
  if (state.ended.has(event.turn) || state.turns.has(event.turn)) return told;
  // The event does not say when; it is the server that knows, and a picture says it.
  const turn = freshTurn(event.turn, event.thread, event.step, Date.now());
  return { ...told, turns: new Map(state.turns).set(event.turn, turn) };
}

function inTurn(state: ChatState, id: string, act: (turn: OpenTurn) => OpenTurn | null): ChatState | null {
  const turn = state.turns.get(id);
  if (turn === undefined) return state.ended.has(id) ? state : null;
  const next = act(turn);
  if (next === null) return null;
  return next === turn ? state : { ...state, turns: new Map(state.turns).set(id, next) };
}

function finalized(state: ChatState, message: Message, error: string | null | undefined): ChatState {
  const over = withoutTurns(state, [message.turn]);
  const errors = error == null ? state.errors : new Map(state.errors).set(message.turn, error);
  return { ...over, errors, messages: withMessages(state.messages, [message]) };
}

/** Takes these turns as over, however it was learned. */
export function withoutTurns(state: ChatState, over: readonly string[]): ChatState {
  const turns = new Map(state.turns);
  const ended = new Set(state.ended);
  for (const turn of over) {
    turns.delete(turn);
    ended.add(turn);
  }
  for (const oldest of ended) {
    if (ended.size <= ENDED_MAX) break;
    ended.delete(oldest);
  }
  return { ...state, turns: turns.size === state.turns.size ? state.turns : turns, ended };
}

/** Adds a report of tokens. Reports add up, so one that comes again is known by its position. */
function used(turn: OpenTurn, { usage, position }: Extract<ClientEvent, { type: "usage" }>): OpenTurn {
  if (position <= (turn.usedAt ?? -1)) return turn;
  return {
    ...turn,
    usedAt: position,
    usage: {
      model: usage.model ?? turn.usage.model ?? null,
      input_tokens: (turn.usage.input_tokens ?? 0) + (usage.input_tokens ?? 0),
      output_tokens: (turn.usage.output_tokens ?? 0) + (usage.output_tokens ?? 0),
    },
  };
}

function superseded(state: ChatState, turn: string): ChatState {
  const messages = state.messages.map((message): Message => {
    if (message.turn !== turn || message.role !== "assistant" || message.finish === "canceled") return message;
    const parts = message.parts.filter((part) => part.type !== "finish");
    return { ...message, finish: "canceled", parts: [...parts, { type: "finish", reason: "canceled" }] };
  });
  return { ...state, messages };
}

function kept(state: ChatState, turn: string): ChatState {
  const workspace: Workspace = state.workspace ?? {};
  const checkpoints = workspace.checkpoints ?? [];
  if (checkpoints.some((one) => one.turn === turn)) return state;
  return { ...state, workspace: { ...workspace, checkpoints: [...checkpoints, { turn, at: Date.now() }] } };
}
