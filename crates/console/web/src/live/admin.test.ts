import { describe, expect, it } from "vitest";
import type { ActorStir, AdminEvent, WriterFigures } from "@/api/types";
import { ACTORS_MAX, KEPT_MS, foldAdmin, noNews } from "./admin";

const actor = (id: string, at: number, awake = true): ActorStir => ({ kind: "session", id, awake, seq: at, position: at, at });
const actors = (more: boolean, ...told: ActorStir[]): AdminEvent => ({ type: "actors", actors: told, more });
const writer: WriterFigures = {
  failure: null,
  queued: 0,
  position: 1,
  commits: 1,
  refused_commits: 0,
  flushes: 1,
  commits_per_flush: 1,
  flush_us_last: 1,
  flush_us_mean: 1,
  engine: "memory",
  awake: 1,
  alarms: 0,
  effects: 0,
  set_aside: [],
};
const figures = (at: number): AdminEvent => ({ type: "figures", at, figures: writer });
const fold = (...events: AdminEvent[]) => events.reduce((state, event) => foldAdmin(state, event, 1_000), noNews);

describe("what operators see live", () => {
  it("keeps the newest of each actor, the last one to stir at the end", () => {
    const state = fold(actors(false, actor("b", 2), actor("a", 1)), actors(false, actor("a", 3, false)));
    expect([...state.actors]).toEqual([
      ["session/b", actor("b", 2)],
      ["session/a", actor("a", 3, false)],
    ]);
    expect(state.moreAt).toBe(0);
  });

  it("says when more has stirred than was told", () => {
    expect(fold(actors(true, actor("a", 1)), actors(false, actor("b", 2))).moreAt).toBe(1_000);
  });

  it("forgets what was told before the line was cut, and keeps the figures", () => {
    const state = fold({ type: "live", at: 1 }, figures(2), actors(true, actor("a", 2)), { type: "live", at: 3 });
    expect(state).toMatchObject({ begun: 2, moreAt: 0 });
    expect(state.actors.size).toBe(0);
    expect(state.figures).toHaveLength(1);
  });

  it("keeps the figures of the last minutes, in their order, each once", () => {
    const state = fold(figures(1), figures(5_000), figures(KEPT_MS), figures(KEPT_MS), figures(KEPT_MS + 1_000));
    expect(state.figures.map(({ at }) => at)).toEqual([5_000, KEPT_MS, KEPT_MS + 1_000]);
  });

  it("does not grow without end", () => {
    const all = Array.from({ length: ACTORS_MAX + 1 }, (_, n) => actor(String(n), n));
    const { actors: kept } = fold(actors(false, ...all));
    expect(kept.size).toBe(ACTORS_MAX);
    expect(kept.has("session/0")).toBe(false);
  });
});
