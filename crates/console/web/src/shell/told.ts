// Which keys there are: those of the frame, and those that the page on the screen has told of.
import { useEffect } from "react";
import { Store, useStore } from "@/live/store";
import { places } from "./keys";

export interface KeyGroup {
  name: string;
  keys: readonly (readonly [keys: string, does: string])[];
}

const pages = new Store<readonly KeyGroup[]>([]);
const all = (state: readonly KeyGroup[]) => state;

/** Tells of a page's keys while it is shown. Hand it a constant: another object is another telling. */
export function useKeysTold(group: KeyGroup): void {
  useEffect(() => {
    pages.set([...pages.now, group]);
    return () => pages.set(pages.now.filter((told) => told !== group));
  }, [group]);
}

export function useKeyGroups(admin: boolean): readonly KeyGroup[] {
  const told = useStore(pages, all);
  const go = Object.entries(places).filter(([, place]) => admin || place.admin !== true);
  return [
    {
      name: "Everywhere",
      keys: [
        ["Ctrl+K", "Find anything: sessions, runs, workflows, actions"],
        ["?", "Show this"],
        ["[", "Fold the sidebar to icons, or unfold it"],
        ["Esc", "Close what is open"],
      ],
    },
    { name: "Go to", keys: go.map(([key, place]) => [`g ${key}`, place.name] as const) },
    ...told,
    {
      name: "Lists and tabs",
      keys: [
        ["← →", "Walk the tabs, where they have the focus"],
        ["Tab", "Go to the next thing that can be used"],
        ["Enter", "Open it, or press it"],
      ],
    },
  ];
}
