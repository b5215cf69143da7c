// What keys do everywhere: a pure rule from what was pressed to what is wanted.

/** What the keys of the frame lead to. */
export type Wish = { go: string } | "palette" | "help" | "fold" | null;

/** The second key after `g`, and the place that it leads to. */
export const places: Readonly<Record<string, { to: string; name: string; admin?: boolean }>> = {
  s: { to: "/sessions", name: "Sessions" },
  r: { to: "/runs", name: "Runs" },
  w: { to: "/workflows", name: "Workflows" },
  t: { to: "/triggers", name: "Schedules & hooks" },
  a: { to: "/approvals", name: "Approvals" },
  o: { to: "/operators", name: "Operators", admin: true },
};

/** For so long a `g` waits for its second key. */
export const CHORD_MAX_MS = 2_000;

export interface Pressed {
  key: string;
  ctrl: boolean;
  alt: boolean;
  /** Whether somebody types in a field, or a dialog has the keys. */
  taken: boolean;
  at: number;
}

/** Since when a `g` waits; null while none does. */
export type Chord = number | null;

/** Returns what is wanted, and whether a `g` waits now. */
export function press(chord: Chord, pressed: Pressed): { wish: Wish; chord: Chord } {
  const nothing = { wish: null, chord: null };
  if (pressed.taken || pressed.alt) return nothing;
  if (pressed.ctrl) return pressed.key.toLowerCase() === "k" ? { wish: "palette", chord: null } : nothing;
  if (chord !== null && pressed.at - chord <= CHORD_MAX_MS) {
    const place = places[pressed.key];
    return place === undefined ? nothing : { wish: { go: place.to }, chord: null };
  }
  switch (pressed.key) {
    case "g":
      return { wish: null, chord: pressed.at };
    case "?":
      return { wish: "help", chord: null };
    case "[":
      return { wish: "fold", chord: null };
    default:
      return nothing;
  }
}

const FIELD = "input:not([type=checkbox], [type=radio], [type=range]), textarea, select, [contenteditable=true]";

/** Tells whether keys belong to what has the focus: a field, or a dialog that is open. With Ctrl an empty text field has no use for them. */
export function isTaken(target: EventTarget | null, ctrl: boolean): boolean {
  if (document.querySelector("dialog[open]") !== null) return true;
  const field = target instanceof HTMLElement ? target.closest(FIELD) : null;
  if (field === null || !ctrl) return field !== null;
  return field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement ? field.value !== "" : true;
}
