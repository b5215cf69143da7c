// Whether something has come onto the screen: what a long list shows far below is asked for when somebody gets there.
import type { RefObject } from "react";
import { useEffect, useState } from "react";

const AHEAD = "400px";

export function useSeen(element: RefObject<Element | null>): boolean {
  const [seen, setSeen] = useState(false);
  useEffect(() => {
    const target = element.current;
    if (seen || target === null) return;
    const observer = new IntersectionObserver((entries) => setSeen(entries.some((entry) => entry.isIntersecting)), { rootMargin: AHEAD });
    observer.observe(target);
    return () => observer.disconnect();
  }, [element, seen]);
  return seen;
}
