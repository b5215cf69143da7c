// Reads values that the schemas leave open.
import { inLocalTime } from "@/api/local-time";

export const text = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);

export const object = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};

/** What the server puts in the place of a value that is secret by the name of its field. */
export const HIDDEN = "[hidden]";

/** Counts the values that are hidden in a value. */
export function hiddenIn(value: unknown): number {
  if (value === HIDDEN) return 1;
  if (typeof value !== "object" || value === null) return 0;
  return Object.values(value).reduce((sum: number, inner) => sum + hiddenIn(inner), 0);
}

/** Makes a sentence of what the server says, with its instants as the clock shows them. */
export function readable(detail: string): string {
  const told = inLocalTime(detail);
  return told.charAt(0).toUpperCase() + told.slice(1);
}
