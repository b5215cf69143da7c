// Light or dark: as the system has it, until somebody chooses.
import { useSyncExternalStore } from "react";

export type Theme = "system" | "light" | "dark";

const KEY = "tenure.theme";
const dark = matchMedia("(prefers-color-scheme: dark)");

export function theme(): Theme {
  const kept = localStorage.getItem(KEY);
  return kept === "light" || kept === "dark" ? kept : "system";
}

export function setTheme(chosen: Theme): void {
  if (chosen === "system") localStorage.removeItem(KEY);
  else localStorage.setItem(KEY, chosen);
  show();
  for (const listener of listeners) listener();
}

const listeners = new Set<() => void>();

/** Returns what was chosen, wherever it is chosen. */
export function useTheme(): Theme {
  return useSyncExternalStore(subscribe, theme);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Paints the page in the chosen theme, and follows the system from now on. */
export function startTheme(): void {
  show();
  dark.addEventListener("change", show);
}

function show(): void {
  const chosen = theme();
  const now = chosen === "system" ? (dark.matches ? "dark" : "light") : chosen;
  document.documentElement.dataset.theme = now;
}
