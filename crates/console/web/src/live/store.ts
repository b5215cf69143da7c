// A value that changes, and those who look at it. What comes in bursts is shown once per frame.
import { useRef, useSyncExternalStore } from "react";

/** What waits for a frame. Frames stand still in a tab that nobody sees, so that hiding it shows everything at once. */
const waiting = new Set<() => void>();
if (typeof document !== "undefined") {
  document.addEventListener("visibilitychange", () => {
    for (const show of [...waiting]) show();
  });
}

export class Store<S> {
  #state: S;
  #shown: S;
  #due = false;
  readonly #listeners = new Set<() => void>();

  constructor(state: S) {
    this.#state = state;
    this.#shown = state;
  }

  /** What has been told so far; those who look may see it a frame later. */
  get now(): S {
    return this.#state;
  }

  /** What those who look see. It changes between frames only, so that everything on the screen is of one moment. */
  readonly shown = (): S => this.#shown;

  /** Changes the value; it is shown with the next frame, together with all that comes before it. */
  set(next: S): void {
    if (next === this.#state) return;
    this.#state = next;
    if (this.#due) return;
    this.#due = true;
    waiting.add(this.#show);
    if (typeof requestAnimationFrame === "function" && !document.hidden) requestAnimationFrame(this.#show);
    else setTimeout(this.#show, 0);
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly #show = (): void => {
    this.#due = false;
    waiting.delete(this.#show);
    if (this.#shown === this.#state) return;
    this.#shown = this.#state;
    for (const listener of this.#listeners) listener();
  };
}

/**
 * Looks at a part of a store. The component is rendered again only when that part is another one, judged by `same`.
 */
export function useStore<S, T>(store: Store<S>, pick: (state: S) => T, same: (a: T, b: T) => boolean = Object.is): T {
  const last = useRef<{ state: S; pick: (state: S) => T; value: T } | null>(null);
  const snapshot = (): T => {
    const state = store.shown();
    const before = last.current;
    if (before !== null && before.state === state && before.pick === pick) return before.value;
    const value = pick(state);
    const kept = before !== null && same(before.value, value) ? before.value : value;
    last.current = { state, pick, value: kept };
    return kept;
  };
  return useSyncExternalStore(store.subscribe, snapshot);
}

/** Compares two lists by their elements. */
export function sameItems<T>(a: readonly T[], b: readonly T[]): boolean {
  return a.length === b.length && a.every((item, n) => Object.is(item, b[n]));
}
