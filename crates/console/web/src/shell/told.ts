// Which keys there are: those of the frame, and those that the pages have.
import { places } from "./keys";

export interface KeyGroup {
  name: string;
  keys: readonly (readonly [keys: string, does: string])[];
}

export function keyGroups(admin: boolean): readonly KeyGroup[] {
  const go = Object.entries(places).filter(([, place]) => admin || place.admin !== true);
  return [
    {
      name: "Everywhere",
      keys: [
        ["Ctrl+K", "Find anything: sessions, runs, workflows, actions"],
        ["?", "Show this"],
        ["[", "Fold the sidebar to icons, or unfold it"],
        ["Esc", "Close what is open"],
        ["← →", "Walk the tabs, where they have the focus"],
      ],
    },
    { name: "Go to", keys: go.map(([key, place]) => [`g ${key}`, place.name] as const) },
    {
      name: "In a session's prompt box",
      keys: [
        ["Enter", "Send"],
        ["Shift+Enter", "Begin a new line"],
        ["Esc Esc", "Stop the open turn"],
        ["↑ ↓", "Move a waiting prompt that has the focus"],
      ],
    },
    {
      name: "In the inbox of approvals",
      keys: [
        ["j", "Next one"],
        ["k", "The one before"],
        ["a", "To its approval"],
        ["d", "To its denial"],
      ],
    },
    {
      name: "In diagrams and the past of a run",
      keys: [
        ["↑ ↓", "Walk the steps"],
        ["Esc", "From the past back to now"],
      ],
    },
  ];
}
