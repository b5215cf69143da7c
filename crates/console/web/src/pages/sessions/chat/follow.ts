// Keeps the end of a transcript in sight while it grows, until somebody scrolls up.
import type { RefObject } from "react";
import { useEffect, useState, useSyncExternalStore } from "react";

const END_PX = 3;
/** Only what a person does takes the view from the end; a list that measures itself moves, too. */
const HAND_MS = 1_500;
/** Whoever opens something does not want to be taken away from it. */
const OPENED_MS = 400;
const HANDS = ["wheel", "touchmove", "keydown", "pointerdown"] as const;

class Follower {
  #element: HTMLElement | null = null;
  #following = true;
  #top = 0;
  #hand = -Infinity;
  #opened = -Infinity;
  readonly #listeners = new Set<() => void>();

  readonly following = (): boolean => this.#following;
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Goes to the end, and stays there. */
  readonly toEnd = (): void => {
    this.#set(true);
    this.#hold();
  };

  /** Leaves the end: what is to be seen stands elsewhere. */
  readonly leave = (): void => this.#set(false);

  readonly scrolled = (): void => {
    const element = this.#element;
    if (element === null) return;
    const { scrollTop: top, scrollHeight, clientHeight } = element;
    const up = top < this.#top;
    this.#top = top;
    if (scrollHeight - top - clientHeight <= END_PX) this.#set(true);
    else if (up && performance.now() - this.#hand < HAND_MS) this.#set(false);
  };

  attach(element: HTMLElement): () => void {
    this.#element = element;
    const opened = (event: Event) => {
      if (event.target instanceof Element && event.target.closest("[aria-expanded], summary, [role=tab]") !== null) this.#opened = performance.now();
    };
    for (const name of HANDS) element.addEventListener(name, this.#byHand, { passive: true });
    element.addEventListener("click", opened);
    const grown = new ResizeObserver(() => {
      if (this.#following && performance.now() - this.#opened > OPENED_MS) this.#hold();
    });
    grown.observe(element);
    if (element.firstElementChild !== null) grown.observe(element.firstElementChild);
    this.#hold();
    return () => {
      grown.disconnect();
      for (const name of HANDS) element.removeEventListener(name, this.#byHand);
      element.removeEventListener("click", opened);
      this.#element = null;
    };
  }

  readonly #byHand = (event: Event): void => {
    this.#hand = performance.now();
    const element = this.#element;
    // Upwards it leaves at once: text that grows faster than a small turn of the wheel would hold it.
    if (element !== null && event instanceof WheelEvent && event.deltaY < 0 && element.scrollHeight > element.clientHeight) this.#set(false);
  };

  #hold(): void {
    if (this.#element !== null) this.#element.scrollTop = this.#element.scrollHeight;
  }

  #set(following: boolean): void {
    if (this.#following === following) return;
    this.#following = following;
    for (const listener of this.#listeners) listener();
  }
}

interface Follow {
  /** Whether the end is in sight, and stays so. */
  following: boolean;
  scrolled: () => void;
  toEnd: () => void;
  leave: () => void;
}

export function useFollow(scroller: RefObject<HTMLElement | null>): Follow {
  const [follower] = useState(() => new Follower());
  const following = useSyncExternalStore(follower.subscribe, follower.following);
  useEffect(() => (scroller.current === null ? undefined : follower.attach(scroller.current)), [follower, scroller]);
  return { following, scrolled: follower.scrolled, toEnd: follower.toEnd, leave: follower.leave };
}
