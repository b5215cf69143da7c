import type { KeyboardEvent, ReactNode } from "react";
import { useEffect, useRef } from "react";
import { cx } from "./classes";

export interface Tab<K extends string> {
  key: K;
  label: ReactNode;
}

interface TabsProps<K extends string> {
  label: string;
  tabs: readonly Tab<K>[];
  current: K;
  onChange: (key: K) => void;
  /** The id of the panel that they change. */
  panel?: string;
  small?: boolean;
}

/** Tabs that the arrow keys walk. */
export function Tabs<K extends string>({ label, tabs, current, onChange, panel, small }: TabsProps<K>) {
  const list = useRef<HTMLDivElement>(null);
  const at = tabs.findIndex((tab) => tab.key === current);
  // Where they do not fit, the open one is to be seen.
  useEffect(() => {
    const [row, tab] = [list.current, list.current?.children[at]];
    if (!(tab instanceof HTMLElement) || row === null) return;
    const watch = new ResizeObserver(() => {
      const from = tab.offsetLeft - row.offsetLeft;
      const isSeen = from >= row.scrollLeft && from + tab.offsetWidth <= row.scrollLeft + row.clientWidth;
      if (!isSeen) row.scrollLeft = from - (row.clientWidth - tab.offsetWidth) / 2;
    });
    watch.observe(row);
    return () => watch.disconnect();
  }, [at]);
  const walk = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const to = (at + step + tabs.length) % tabs.length;
    const next = tabs[to];
    if (next === undefined) return;
    onChange(next.key);
    (list.current?.children[to] as HTMLElement | undefined)?.focus();
  };
  return (
    <div ref={list} role="tablist" tabIndex={-1} aria-label={label} onKeyDown={walk} className="flex max-w-full gap-1 overflow-x-auto">
      {tabs.map((tab) => (
        <button
          key={tab.key}
          type="button"
          role="tab"
          aria-selected={tab.key === current}
          aria-controls={panel}
          tabIndex={tab.key === current ? 0 : -1}
          onClick={() => onChange(tab.key)}
          className={cx(
            "flex shrink-0 items-center gap-1.5 border-b-2 font-medium whitespace-nowrap",
            small ? "px-2 py-1 text-xs" : "px-2.5 py-2 text-sm",
            tab.key === current ? "border-accent text-accent" : "border-transparent text-soft hover:text-ink",
          )}
        >
          {tab.label}
        </button>
      ))}
    </div>
  );
}
