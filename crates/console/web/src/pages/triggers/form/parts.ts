// What every part of the form gets: the draft, how to change it, and what is wrong with a field.
import type { Draft } from "../draft";

export interface Form {
  draft: Draft;
  set: (field: string, value: unknown) => void;
  /** What is wrong with a field that somebody has been at. */
  wrong: (field: string) => string | null;
  touch: (field: string) => void;
}

export const text = (value: unknown): string => (typeof value === "string" ? value : typeof value === "number" ? String(value) : "");

export const texts = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : typeof value === "string" ? [value] : []);

export const object = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
