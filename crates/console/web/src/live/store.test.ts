import { describe, expect, it } from "vitest";
import { Store, sameItems } from "./store";

const shown = (store: Store<number>) => new Promise<number>((resolve) => store.subscribe(() => resolve(store.shown())));

describe("a store", () => {
  it("shows a burst once, as it stands at its end", async () => {
    const store = new Store(0);
    const seen: number[] = [];
    store.subscribe(() => seen.push(store.shown()));
    const first = shown(store);
    for (const n of [1, 2, 3]) store.set(n);
    expect(store.now).toBe(3);
    expect(store.shown()).toBe(0);
    expect(await first).toBe(3);
    expect(seen).toEqual([3]);
  });

  it("tells nothing when nothing has changed", async () => {
    const store = new Store(0);
    const seen: number[] = [];
    store.subscribe(() => seen.push(store.shown()));
    store.set(1);
    store.set(0);
    const next = new Store(0);
    const later = shown(next);
    next.set(1);
    await later;
    expect(seen).toEqual([]);
  });
});

it("compares lists by their elements", () => {
  const one = {};
  expect(sameItems([one, 1], [one, 1])).toBe(true);
  expect(sameItems([one], [{}])).toBe(false);
  expect(sameItems([1], [1, 2])).toBe(false);
});
