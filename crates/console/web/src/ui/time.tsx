// Instants and durations as people say them. One clock ticks for all that is on the screen.
import { useSyncExternalStore } from "react";

const listeners = new Set<() => void>();
let now = Date.now();
let timer: ReturnType<typeof setTimeout> | undefined;

function tick(): void {
  now = Date.now();
  for (const listener of listeners) listener();
  timer = listeners.size > 0 ? setTimeout(tick, 1000 - (Date.now() % 1000)) : undefined;
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (timer === undefined) {
    now = Date.now();
    timer = setTimeout(tick, 1000 - (now % 1000));
  }
  return () => listeners.delete(listener);
}

/** Returns the time, once a second. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now);
}

/** Says a span as `320 ms`, `4.2 s`, `3 min 05 s`, `2 h 10 min` or `3 d 4 h`. */
export function span(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`;
  const s = ms / 1000;
  if (s < 10) return `${s.toFixed(1)} s`;
  if (s < 60) return `${Math.floor(s)} s`;
  const min = Math.floor(s / 60);
  if (min < 60) return `${min} min ${String(Math.floor(s % 60)).padStart(2, "0")} s`;
  const h = Math.floor(min / 60);
  if (h < 48) return `${h} h ${min % 60} min`;
  return `${Math.floor(h / 24)} d ${h % 24} h`;
}

/** Says how far an instant is away: `just now`, `5 min ago`, `in 2 h`. */
export function distance(at: number, from: number): string {
  const ms = at - from;
  const far = Math.abs(ms);
  if (far < 10_000) return ms > 1000 ? "in a moment" : "just now";
  const s = Math.round(far / 1000);
  const [count, unit] =
    s < 60 ? [s, "s"] : s < 3600 ? [Math.round(s / 60), "min"] : s < 86_400 * 2 ? [Math.round(s / 3600), "h"] : [Math.round(s / 86_400), "d"];
  return ms > 0 ? `in ${count} ${unit}` : `${count} ${unit} ago`;
}

const whole = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "short" });
const day = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });

/** An instant: how far it is away, and exactly when on pointing at it. */
export function Ago({ at, className }: { at: number; className?: string }) {
  const from = useNow();
  return (
    <time dateTime={new Date(at).toISOString()} title={whole.format(at)} className={className}>
      {distance(at, from)}
    </time>
  );
}

/** An instant as the clock on the wall shows it. */
export function Clock({ at, className }: { at: number; className?: string }) {
  const date = new Date(at);
  const today = new Date().toDateString() === date.toDateString();
  return (
    <time dateTime={date.toISOString()} title={whole.format(date)} className={className}>
      {today ? clock.format(date) : `${day.format(date)}, ${clock.format(date)}`}
    </time>
  );
}

/** How long something takes: it ticks until it is over. */
export function Elapsed({ since, until, className }: { since: number; until?: number | null; className?: string }) {
  return until === null || until === undefined ? <Ticking since={since} className={className} /> : <span className={className}>{span(until - since)}</span>;
}

function Ticking({ since, className }: { since: number; className?: string }) {
  const to = useNow();
  return <span className={className}>{span(Math.max(0, Math.floor((to - since) / 1000) * 1000))}</span>;
}
