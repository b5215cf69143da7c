// When a credential ends, as people choose it.
export const lasts = [
  { key: "day", name: "After a day", days: 1 },
  { key: "week", name: "After 7 days", days: 7 },
  { key: "month", name: "After 30 days", days: 30 },
  { key: "quarter", name: "After 90 days", days: 90 },
  { key: "year", name: "After a year", days: 365 },
  { key: "date", name: "At the end of a day that I choose", days: null },
  { key: "never", name: "Never", days: null },
] as const;
export type Lasts = (typeof lasts)[number]["key"];

const DAY_MS = 86_400_000;

/** Returns the instant at which it ends; null for never, undefined while the day is not chosen. */
export function endOf(chosen: Lasts, date: string, now: number): number | null | undefined {
  if (chosen === "never") return null;
  if (chosen === "date") {
    const end = Date.parse(`${date}T23:59:59`);
    return Number.isNaN(end) ? undefined : end;
  }
  const days = lasts.find((one) => one.key === chosen)?.days ?? 0;
  return now + days * DAY_MS;
}
