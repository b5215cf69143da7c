// Short news at the edge of the screen: what was done, or why it was not.
import { X } from "lucide-react";
import { sentence } from "@/api/problem";
import { Store, useStore } from "@/live/store";
import { IconButton } from "./button";
import { cx } from "./classes";

interface Toast {
  id: number;
  text: string;
  bad: boolean;
}

const SHOWN_MAX = 4;
const SHOWN_MS = 6_000;
const toasts = new Store<readonly Toast[]>([]);
let last = 0;

function show(text: string, bad: boolean): void {
  const toast = { id: ++last, text, bad };
  toasts.set([...toasts.now.slice(-SHOWN_MAX + 1), toast]);
  // What went wrong stays until it was read.
  if (!bad) setTimeout(() => dismiss(toast.id), SHOWN_MS);
}

function dismiss(id: number): void {
  toasts.set(toasts.now.filter((toast) => toast.id !== id));
}

export const tell = {
  done: (text: string): void => show(text, false),
  failed: (error: unknown): void => show(sentence(error), true),
};

const all = (state: readonly Toast[]) => state;

export function Toasts() {
  const shown = useStore(toasts, all);
  return (
    <div aria-live="polite" className="pointer-events-none fixed right-3 bottom-3 left-3 z-50 flex flex-col items-end gap-2">
      {shown.map((toast) => (
        <div
          key={toast.id}
          role={toast.bad ? "alert" : "status"}
          className={cx(
            "pointer-events-auto flex max-w-md items-start gap-2 rounded-lg border py-1.5 pr-1.5 pl-3 text-sm shadow-lg",
            toast.bad ? "border-bad bg-bad-soft text-bad" : "border-line bg-raised text-ink",
          )}
        >
          <span className="py-1 wrap-anywhere">{toast.text}</span>
          <IconButton label="Dismiss" small onClick={() => dismiss(toast.id)}>
            <X size={14} aria-hidden />
          </IconButton>
        </div>
      ))}
    </div>
  );
}
