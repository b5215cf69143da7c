// What is folded until somebody opens it. It is remembered for as long as the page lives, because lists forget what they scroll away.
import type { ReactNode } from "react";
import { useState, useSyncExternalStore } from "react";
import { ChevronRight } from "lucide-react";
import { cx } from "@/ui/classes";

const toggled = new Map<string, boolean>();
const listeners = new Set<() => void>();

const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

/** Opens or closes what is remembered under a key, wherever it is shown. */
export function setFold(key: string, open: boolean): void {
  if (toggled.get(key) === open) return;
  toggled.set(key, open);
  for (const listener of listeners) listener();
}

/** Whether something is open: as `usually`, until a person has opened or closed it. */
export function useFold(key: string | undefined, usually: boolean): [boolean, (open: boolean) => void] {
  const [own, setOwn] = useState<boolean>();
  const kept = useSyncExternalStore(subscribe, () => (key === undefined ? undefined : toggled.get(key)));
  return [(key === undefined ? own : kept) ?? usually, key === undefined ? setOwn : (open) => setFold(key, open)];
}

interface FoldProps {
  title: ReactNode;
  children: ReactNode;
  /** Under which it is remembered. */
  remember?: string;
  open?: boolean;
  className?: string;
}

/** A line that opens what is below it. What is closed is not rendered. */
export function Fold({ title, children, remember, open: usually = false, className }: FoldProps) {
  const [open, setOpen] = useFold(remember, usually);
  return (
    <div className={cx("min-w-0", className)}>
      <button
        type="button"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
        className="-ml-1 flex max-w-full items-center gap-1 rounded px-1 py-0.5 text-left text-xs font-medium text-soft hover:bg-sunken hover:text-ink"
      >
        <ChevronRight size={14} aria-hidden className={cx("shrink-0 transition-transform", open && "rotate-90")} />
        {title}
      </button>
      {open && <div className="mt-1 min-w-0">{children}</div>}
    </div>
  );
}
