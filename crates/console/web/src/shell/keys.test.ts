import { describe, expect, it } from "vitest";
import type { Chord, Pressed, Wish } from "./keys";
import { CHORD_MAX_MS, press } from "./keys";

const pressed = (key: string, more: Partial<Pressed> = {}): Pressed => ({ key, ctrl: false, alt: false, taken: false, at: 0, ...more });

function wishes(...all: Pressed[]): Wish[] {
  let chord: Chord = null;
  return all.map((one) => {
    const answer = press(chord, one);
    chord = answer.chord;
    return answer.wish;
  });
}

describe("the keys of the frame", () => {
  it("go to a place by two keys", () => {
    expect(wishes(pressed("g"), pressed("w"))).toEqual([null, { go: "/workflows" }]);
  });

  it("forget the first key after a while, and after a key that leads nowhere", () => {
    expect(wishes(pressed("g"), pressed("w", { at: CHORD_MAX_MS + 1 }))).toEqual([null, null]);
    expect(wishes(pressed("g"), pressed("x"), pressed("w"))).toEqual([null, null, null]);
  });

  it("open the palette and the help", () => {
    expect(wishes(pressed("k", { ctrl: true }), pressed("K", { ctrl: true }), pressed("?"), pressed("["))).toEqual(["palette", "palette", "help", "fold"]);
  });

  it("do nothing while somebody types, or means the browser", () => {
    expect(wishes(pressed("k", { ctrl: true, taken: true }), pressed("?", { taken: true }), pressed("g", { ctrl: true }), pressed("w"), pressed("?", { alt: true }))).toEqual([
      null,
      null,
      null,
      null,
      null,
    ]);
  });

  it("do not go on after a pause for typing", () => {
    expect(wishes(pressed("g"), pressed("a", { taken: true }), pressed("w"))).toEqual([null, null, null]);
  });
});
