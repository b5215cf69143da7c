// What somebody has typed and not saved, kept in this tab so that it survives a reload.

export interface Kept {
  text: string;
  /** The version that it was begun from; null for a new workflow. */
  base: string | null;
}

const keyOf = (workflow: string | null) => `tenure.draft.${workflow ?? "new"}`;

export const kept = {
  get(workflow: string | null): Kept | null {
    const said = sessionStorage.getItem(keyOf(workflow));
    if (said === null) return null;
    try {
      const value = JSON.parse(said) as Kept;
      return typeof value.text === "string" ? value : null;
    } catch {
      return null;
    }
  },
  set(workflow: string | null, value: Kept): void {
    try {
      sessionStorage.setItem(keyOf(workflow), JSON.stringify(value));
    } catch {
      // The storage is full or forbidden: then the text lives as long as the page.
    }
  },
  clear(workflow: string | null): void {
    sessionStorage.removeItem(keyOf(workflow));
  },
};
