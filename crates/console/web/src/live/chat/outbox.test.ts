import { beforeEach, expect, it, vi } from "vitest";
import type { Problem } from "@/api/types";
import { Outbox } from "./outbox";
import { emptyChat } from "./state";

const kept = new Map<string, string>();
let said: { type: string; request_id: string; text?: string }[] = [];
const outbox = () => new Outbox("s", (message) => void said.push(message as (typeof said)[number]));

beforeEach(() => {
  kept.clear();
  said = [];
  vi.stubGlobal("sessionStorage", {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  });
});

const prompted = { outcome: "prompted", prompt: "p", thread: "t", turn: "u", mode: "followup", ahead: 0 } as const;
const refusal: Problem = { type: "about:blank#queue_full", code: "queue_full", status: 409, detail: "the queue is full" };

it("says a prompt again under the same id, until it is answered", () => {
  const box = outbox();
  box.prompt({ type: "prompt", text: "Hello" });
  box.flush();
  const [first, again] = said;
  expect(again).toEqual(first);
  box.answered(first?.request_id ?? "", prompted);
  box.flush();
  expect(said.length).toBe(2);
});

it("keeps what was not sent over a reload", () => {
  outbox().prompt({ type: "prompt", text: "Hello" });
  const [first] = said;
  const after = outbox();
  after.flush();
  expect(said.at(-1)).toEqual(first);
  after.answered(first?.request_id ?? "", prompted);
  expect(outbox().prompts.now).toEqual([]);
});

it("shows a prompt until its message has come", () => {
  const box = outbox();
  box.prompt({ type: "prompt", text: "Hello" });
  box.answered(said[0]?.request_id ?? "", prompted);
  box.settle(emptyChat, false);
  expect(box.prompts.now.length).toBe(1);
  const message = { seq: 1, at: 1, role: "user" as const, thread: "t", turn: "u", author: "ann", parts: [] };
  box.settle({ ...emptyChat, messages: [message] }, false);
  expect(box.prompts.now).toEqual([]);
});

it("keeps a refused prompt with its reason, and says it again when it is told to", () => {
  const box = outbox();
  box.prompt({ type: "prompt", text: "Hello" });
  const id = said[0]?.request_id ?? "";
  box.refused({ ...refusal, request_id: id });
  box.flush();
  expect(said.length).toBe(1);
  expect(box.prompts.now[0]?.refused?.code).toBe("queue_full");
  box.again(id);
  expect(said.at(-1)?.request_id).toBe(id);
  expect(box.forget(id)?.command.text).toBe("Hello");
  expect(box.prompts.now).toEqual([]);
});

it("resolves a command by its answer, and rejects it by its refusal", async () => {
  const box = outbox();
  const done = box.ask({ type: "title", title: "New" });
  const refused = box.ask({ type: "title", title: "Newer" });
  box.answered(said[0]?.request_id ?? "", { outcome: "done" });
  box.refused({ ...refusal, request_id: said[1]?.request_id ?? "" });
  await expect(done).resolves.toEqual({ outcome: "done" });
  await expect(refused).rejects.toThrow("the queue is full");
});
