import { describe, expect, it } from "vitest";
import type { Known } from "./entries";
import { known, ordered } from "./entries";

const nothing: Known = { session: [], execution: [], workflow: [], trigger: [], approval: [] };
const budget = { id: "b", budget: "owner", measure: "runs" } as unknown as Known["approval"][number];
const gate = { id: "g", workflow: "Release", prompt: "Publish 1.2?" } as unknown as Known["approval"][number];
const session = { id: "s", title: "", status: "working" } as unknown as Known["session"][number];

describe("what the palette finds", () => {
  it("is nothing while nothing is known", () => {
    expect(known(nothing)).toEqual([]);
  });

  it("begins with what waits and the newest, and holds everything once", () => {
    const rows = known({ ...nothing, session: Array.from({ length: 9 }, (_, n) => ({ ...session, id: `s${n}` })), approval: [gate] });
    const actions = ["theme", "new-session"].map((id) => ({ id, group: "Actions" as const, name: id }));
    const found = ordered(rows, actions).map(({ id }) => id);
    expect(found.slice(0, 7)).toEqual(["g", "new-session", "s0", "s1", "s2", "s3", "theme"]);
    expect([...found].sort()).toEqual([...rows, ...actions].map(({ id }) => id).sort());
  });

  it("says what is asked of a person, before all else", () => {
    const found = known({ ...nothing, session: [session], approval: [gate, budget] });
    expect(found.map(({ name, to }) => [name, to])).toEqual([
      ["Release: Publish 1.2?", "/approvals"],
      ["Budget of owner is used up", "/approvals"],
      ["Untitled session", "/sessions/s"],
    ]);
  });
});
