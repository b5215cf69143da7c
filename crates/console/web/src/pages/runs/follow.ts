// What of the timeline is on the screen: it follows what is under way until somebody scrolls, shows what is asked for, and tells what
// somebody has scrolled to.
import type { RefObject } from "react";
import { useCallback, useEffect, useState } from "react";
import { setFold } from "@/ui/steps/fold";
import { remembered } from "./shown";

/** How far below the upper edge a card is looked at. */
const EDGE = 96;
const scrolling = new Set(["PageUp", "PageDown", "Home", "End", "ArrowUp", "ArrowDown", " "]);

interface Follow {
  following: boolean;
  setFollowing: (following: boolean) => void;
  /** What is to be seen now. */
  reveal: { path: string; focus: boolean } | null;
  /** Brings a step onto the screen, opening what it stands in and, unless told otherwise, itself. */
  show: (path: string, focus?: boolean, unfold?: boolean) => void;
}

export function useFollow(run: string, frame: RefObject<HTMLElement | null>, onLook: (path: string) => void, initially: boolean): Follow {
  const [following, setFollowing] = useState(initially);
  const [reveal, setReveal] = useState<Follow["reveal"]>(null);

  const show = useCallback(
    (path: string, focus = false, unfold = true) => {
      for (const outer of containers(path)) if (unfold || outer !== path) setFold(remembered(run, outer), true);
      setReveal({ path, focus });
    },
    [run],
  );

  useEffect(() => {
    const element = frame.current;
    if (element === null || reveal === null) return;
    // A list of many rounds renders the round first.
    let tries = 3;
    let frameAt = requestAnimationFrame(function look() {
      const card = cardOf(element, reveal.path);
      if (card === null) {
        if (--tries > 0) frameAt = requestAnimationFrame(look);
        return;
      }
      scrollTo(element, card);
      if (reveal.focus) card.querySelector<HTMLElement>("button")?.focus({ preventScroll: true });
    });
    return () => cancelAnimationFrame(frameAt);
  }, [frame, reveal]);

  useEffect(() => {
    const element = frame.current;
    if (element === null) return;
    let byHand = false;
    const hand = () => {
      byHand = true;
      setFollowing(false);
    };
    const key = (event: KeyboardEvent) => {
      if (scrolling.has(event.key) && !(event.target as HTMLElement).matches("input, textarea, select, button, [role=tab]")) hand();
    };
    const grab = (event: PointerEvent) => {
      // Beside the content is the scroll bar.
      if (event.target === element && event.offsetX > element.clientWidth) return hand();
      const node = (event.target as HTMLElement).closest<HTMLElement>("[data-node]");
      if (node?.dataset.node !== undefined) onLook(node.dataset.node);
    };
    const focus = (event: FocusEvent) => {
      const node = (event.target as HTMLElement).closest<HTMLElement>("[data-node]");
      if (node?.dataset.node !== undefined) onLook(node.dataset.node);
    };
    let due = 0;
    const scrolled = () => {
      if (!byHand || due !== 0) return;
      due = requestAnimationFrame(() => {
        due = 0;
        const path = topmost(element);
        if (path !== undefined) onLook(path);
      });
    };
    const ended = () => (byHand = false);
    element.addEventListener("wheel", hand, { passive: true });
    element.addEventListener("touchmove", hand, { passive: true });
    element.addEventListener("keydown", key);
    element.addEventListener("pointerdown", grab);
    element.addEventListener("focusin", focus);
    element.addEventListener("scroll", scrolled, { passive: true });
    element.addEventListener("scrollend", ended);
    return () => {
      cancelAnimationFrame(due);
      element.removeEventListener("wheel", hand);
      element.removeEventListener("touchmove", hand);
      element.removeEventListener("keydown", key);
      element.removeEventListener("pointerdown", grab);
      element.removeEventListener("focusin", focus);
      element.removeEventListener("scroll", scrolled);
      element.removeEventListener("scrollend", ended);
    };
  }, [frame, onLook]);

  return { following, setFollowing, reveal, show };
}

/** Lists the steps that a step stands in, the outermost first, and the step itself. */
export function containers(path: string): string[] {
  const parts = path.split("/");
  return parts.map((part, n) => [...parts.slice(0, n), part.replace(/:.*$/, "")].join("/"));
}

const cardOf = (frame: HTMLElement, path: string): HTMLElement | null => frame.querySelector<HTMLElement>(`[data-node="${CSS.escape(path)}"]`);

/** Scrolls no more than is needed: a card that is on the screen stays where it is. */
function scrollTo(frame: HTMLElement, card: HTMLElement): void {
  const [outer, inner] = [frame.getBoundingClientRect(), card.getBoundingClientRect()];
  const fits = inner.top >= outer.top && Math.min(inner.bottom, inner.top + outer.height / 2) <= outer.bottom;
  if (!fits) frame.scrollTo({ top: frame.scrollTop + inner.top - outer.top - EDGE / 2 });
  // Lists inside scroll by themselves.
  card.scrollIntoView({ block: "nearest" });
}

/** Returns the innermost step that the upper part of the screen shows. */
function topmost(frame: HTMLElement): string | undefined {
  const edge = frame.getBoundingClientRect().top + EDGE;
  let found: string | undefined;
  for (const node of frame.querySelectorAll<HTMLElement>("[data-node]")) {
    const { top, bottom } = node.getBoundingClientRect();
    if (top > edge) break;
    if (bottom > edge) found = node.dataset.node;
  }
  return found;
}
