// Whether there is room for the diagram beside the timeline.
import { useSyncExternalStore } from "react";

const query = "(min-width: 900px)";

function subscribe(listener: () => void): () => void {
  const room = matchMedia(query);
  room.addEventListener("change", listener);
  return () => room.removeEventListener("change", listener);
}

export function useWide(): boolean {
  return useSyncExternalStore(subscribe, () => matchMedia(query).matches);
}
