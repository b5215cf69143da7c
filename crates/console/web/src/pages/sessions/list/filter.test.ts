import { expect, it, vi } from "vitest";
import type { SessionRow } from "@/api/types";
import { everything, joined, matches } from "./filter";
import { beginSeen, isUnread, markSeen } from "./seen";

const row = (id: string, updated_at: number, more: Partial<SessionRow> = {}): SessionRow => ({
  id,
  title: `Session ${id}`,
  status: "idle",
  purpose: "interactive",
  created_at: 1,
  updated_at,
  threads: 1,
  queued: 0,
  questions: 0,
  ...more,
});

it("finds sessions by words of their titles, state and purpose", () => {
  const one = row("a", 1, { title: "Mend the rate limiter" });
  expect(matches(one, { ...everything, text: "limiter MEND" })).toBe(true);
  expect(matches(one, { ...everything, text: "limiter docs" })).toBe(false);
  expect(matches(row("b", 1, { title: "" }), { ...everything, text: "untitled" })).toBe(true);
  expect(matches(one, { ...everything, state: "working" })).toBe(false);
  expect(matches(row("c", 1, { status: "terminated" }), { ...everything, state: "open" })).toBe(false);
  expect(matches(one, { ...everything, purpose: "workflow" })).toBe(false);
});

it("joins the feed's rows with older ones, newest first, each once", () => {
  const live = [row("b", 5, { status: "working" }), row("a", 3)];
  const all = joined(live, [row("b", 2), row("c", 4)]);
  expect(all.map((one) => [one.id, one.updated_at])).toEqual([["b", 5], ["c", 4], ["a", 3]]);
  expect(all[0]?.status).toBe("working");
});

it("counts as unread what changed since it was looked at, or since the browser began", () => {
  const kept = new Map<string, string>();
  vi.stubGlobal("localStorage", { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => void kept.set(key, value) });
  beginSeen(100);
  beginSeen(200);
  const held = () => JSON.parse(kept.get("tenure.seen") ?? "{}") as Record<string, number>;
  expect(isUnread(held(), "a", 90)).toBe(false);
  expect(isUnread(held(), "a", 110)).toBe(true);
  markSeen("a", 120);
  markSeen("a", 110);
  expect(isUnread(held(), "a", 120)).toBe(false);
  expect(isUnread(held(), "a", 121)).toBe(true);
});
