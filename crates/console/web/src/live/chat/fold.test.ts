import { describe, expect, it } from "vitest";
import type { ClientEvent, Message, SessionView, TurnView } from "@/api/types";
import { fold } from "./fold";
import { foldNewest, foldPage, WHOLE } from "./pages";
import type { ChatState } from "./state";
import { defaultThread, emptyChat } from "./state";
import { bytesOf } from "./turn";

const session: SessionView = {
  id: "s",
  title: "Rate limits",
  status: "idle",
  purpose: "interactive",
  owner: "ann",
  participants: { ann: "owner" },
  created_at: 1,
  updated_at: 1,
  models: [],
  mode: "followup",
  threads: [{ id: "t", title: "", created_at: 1 }],
  queue: [],
  turns: [],
  questions: [],
  usage: {},
};
const init = (more: Partial<SessionView> = {}, position = 1): ClientEvent => ({
  type: "init",
  position,
  session: { ...session, ...more },
  presence: [],
  limits: { frame_bytes_max: 1, prompt_bytes_max: 1, queue_max: 1, idle_ms_max: 1 },
});
const create: ClientEvent = { type: "message.create", position: 2, turn: "u", thread: "t", prompts: ["p"] };
const delta = (offset: number, text: string, part = 0, kind: "text" | "reasoning" | "output" = "text"): ClientEvent => ({
  type: "message.part.text-delta",
  position: 3,
  turn: "u",
  part,
  kind,
  offset,
  text,
});
const answer = (text: string, seq = 9, turn = "u"): Message => ({
  seq,
  at: 5,
  role: "assistant",
  thread: "t",
  turn,
  author: "scripted",
  parts: [{ type: "text", text }, { type: "finish", reason: "end_turn" }],
  finish: "end_turn",
});
const finalize = (text: string): ClientEvent => ({ type: "message.finalize", position: 4, message: answer(text) });

function after(...events: ClientEvent[]): ChatState {
  return events.reduce<ChatState>((state, event) => {
    const next = fold(state, event);
    if (next === null) throw new Error(`a gap at ${event.type}`);
    return next;
  }, emptyChat);
}
const textOf = (state: ChatState, part = 0) => {
  const held = state.turns.get("u")?.parts[part];
  return held?.type === "text" || held?.type === "reasoning" ? held.text : held?.type === "tool_call" ? held.output : undefined;
};

describe("text that streams", () => {
  it("is added by its offset in bytes", () => {
    expect(textOf(after(init(), create, delta(0, "Grüße "), delta(8, "🌍 an"), delta(15, " alle")))).toBe("Grüße 🌍 an alle");
  });
  it("may come again, whole or in part", () => {
    const state = after(init(), create, delta(0, "Grü"), delta(0, "Grü"), delta(0, "Grüße"), delta(4, "ße!"));
    expect(textOf(state)).toBe("Grüße!");
    expect(fold(state, delta(0, "Grüße!"))).toBe(state);
  });
  it("is a gap when something before it is missing, or when it overlaps within a character", () => {
    expect(fold(after(init(), create, delta(0, "one")), delta(4, "two"))).toBeNull();
    expect(fold(after(init(), create, delta(0, "ü")), delta(1, "xyz"))).not.toBeNull();
    expect(fold(after(init(), create, delta(0, "a")), delta(0, "üx"))).toBeNull();
    expect(fold(after(init()), delta(0, "one"))).toBeNull();
  });
  it("of another kind in the same part is a gap", () => {
    expect(fold(after(init(), create, delta(0, "one")), delta(3, "two", 0, "reasoning"))).toBeNull();
  });
  it("goes on from a picture", () => {
    const turn: TurnView = { turn: "u", thread: "t", phase: "running", status: "streaming", started_at: 2, usage: {}, parts: { "0": { type: "text", text: "So für" } } };
    expect(textOf(after(init({ turns: [turn] }), delta(7, ", so gut")))).toBe("So für, so gut");
  });
  it("is counted in bytes as the server counts", () => {
    for (const text of ["plain", "über", "한국어", "🌍🇩🇪", ""]) expect(bytesOf(text)).toBe(new TextEncoder().encode(text).length);
  });
});

describe("tool calls", () => {
  const call = { call: "c", tool: "shell", status: "running" as const };
  const update = (status: "running" | "completed"): ClientEvent => ({ type: "message.part.tool-update", position: 3, turn: "u", part: 1, call: { ...call, status } });
  it("keep their live output while they change", () => {
    const state = after(init(), create, update("running"), delta(0, "ok\n", 1, "output"), update("completed"), update("completed"));
    expect(state.turns.get("u")?.parts[1]).toEqual({ ...call, type: "tool_call", status: "completed", output: "ok\n" });
  });
  it("may be described after their output began", () => {
    expect(textOf(after(init(), create, delta(0, "early", 1, "output"), update("running")), 1)).toBe("early");
  });
});

describe("the end of a turn", () => {
  it("replaces what was streamed, once", () => {
    const state = after(init(), create, delta(0, "One, tw"), finalize("One, two."), finalize("One, two."));
    expect(state.turns.size).toBe(0);
    expect(state.messages).toEqual([answer("One, two.")]);
  });
  it("makes late news of it harmless", () => {
    const state = after(init(), create, finalize("done"));
    expect(fold(state, delta(40, "late"))).toBe(state);
    expect(fold(state, create)?.turns.size).toBe(0);
  });
  it("is learned from the transcript when its news was missed", () => {
    const state = foldPage(after(init(), create, delta(0, "One")), WHOLE, { items: [answer("One, two.")] });
    expect(state.turns.size).toBe(0);
    expect(fold(state, delta(3, ", two"))).toBe(state);
  });
  it("counts as canceled when another repair round took its place", () => {
    const state = after(init(), create, finalize("{}"), { type: "message.superseded", position: 6, turn: "u" });
    expect(state.messages[0]?.finish).toBe("canceled");
    expect(state.messages[0]?.parts.at(-1)).toEqual({ type: "finish", reason: "canceled" });
  });
});

describe("the session", () => {
  it("adds reports of tokens up, each once", () => {
    const usage: ClientEvent = { type: "usage", position: 7, turn: "u", usage: { input_tokens: 100, output_tokens: 10 } };
    const state = after(init(), create, usage, usage, { ...usage, position: 8 });
    expect(state.turns.get("u")?.usage).toEqual({ model: null, input_tokens: 200, output_tokens: 20 });
  });
  it("is replaced by a picture, but for the messages that are held", () => {
    const first = after(init(), create, finalize("done"), { type: "queue.state", position: 5, queue: [] });
    const again = fold(first, { type: "resync", position: 9, reason: "too slow", session: { ...session, title: "New" }, presence: [] });
    expect(again?.about?.title).toBe("New");
    expect(again?.messages.length).toBe(1);
    expect(again?.pictures).toBe(2);
  });
  it("keeps threads by their age, and forgets closed ones", () => {
    const thread = { id: "a", title: "Docs", created_at: 3 };
    const state = after(init(), { type: "thread.created", position: 2, thread }, { type: "thread.updated", position: 3, thread: { ...thread, title: "Guide" } });
    expect(state.threads.map((one) => one.title)).toEqual(["", "Guide"]);
    expect(defaultThread(state.threads)).toBe("t");
    expect(fold(state, { type: "thread.closed", position: 4, thread: "a" })?.threads.length).toBe(1);
  });
  it("forgets questions that are resolved, and people who leave", () => {
    const question = { question: "q", turn: "u", thread: "t", text: "Go on?", options: [], asked_at: 1, expires_at: 2 };
    const state = after(init(), { type: "question", position: 2, question }, { type: "question", position: 2, question });
    expect(state.questions.length).toBe(1);
    expect(fold(state, { type: "question.resolved", position: 3, question: "q" })?.questions).toEqual([]);
    const shared = after(init(), { type: "participants", position: 2, user: "bob", role: "viewer" });
    expect(shared.about?.participants).toEqual({ ann: "owner", bob: "viewer" });
    expect(fold(shared, { type: "participants", position: 3, user: "bob", role: null })?.about?.participants).toEqual({ ann: "owner" });
  });
  it("keeps each checkpoint once", () => {
    const made: ClientEvent = { type: "checkpoint", position: 3, turn: "u" };
    expect(after(init(), made, made).workspace?.checkpoints?.length).toBe(1);
  });
});

describe("pages of the transcript", () => {
  const page = (from: number, to: number, cursor: string | null) => ({
    items: Array.from({ length: to - from }, (_, n) => answer(`m${to - n}`, to - n, `turn ${to - n}`)),
    cursor,
  });
  it("go back in time without holes or doubles", () => {
    let state = foldPage(after(init()), WHOLE, page(5, 10, "6"));
    state = foldPage(state, WHOLE, page(3, 7, null));
    expect(state.messages.map((message) => message.seq)).toEqual([4, 5, 6, 7, 8, 9, 10]);
    expect(state.lanes[WHOLE]).toEqual({ from: 0, before: null });
  });
  it("that do not reach what is held begin anew", () => {
    const held = foldPage(after(init()), WHOLE, page(0, 3, null));
    expect(foldNewest(held, page(2, 6, "3")).messages.length).toBe(6);
    const anew = foldNewest(held, page(20, 23, "21"));
    expect(anew.messages.map((message) => message.seq)).toEqual([21, 22, 23]);
    expect(anew.lanes[WHOLE]).toEqual({ from: 21, before: "21" });
  });
});
