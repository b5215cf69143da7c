// Dialogs as the browser has them: it keeps the focus inside, closes on Escape and gives the focus back.
import type { ReactNode } from "react";
import { useEffect, useId, useRef } from "react";
import { X } from "lucide-react";
import { IconButton } from "./button";
import { cx } from "./classes";

interface DialogProps {
  title: string;
  onClose: () => void;
  children: ReactNode;
  /** The buttons at its end. */
  actions?: ReactNode;
  wide?: boolean;
}

/** A dialog that is open as long as it is rendered. */
export function Dialog({ title, onClose, children, actions, wide }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useEffect(() => {
    const element = dialog.current;
    if (element !== null && !element.open) element.showModal();
    return () => element?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      aria-labelledby={heading}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      className={cx(
        "m-auto max-h-[min(92dvh,60rem)] w-[calc(100vw-1.5rem)] flex-col overflow-hidden rounded-xl border border-line bg-raised p-0 text-ink shadow-2xl open:flex",
        wide ? "max-w-4xl" : "max-w-lg",
      )}
    >
      <header className="flex items-center gap-2 border-b border-line px-4 py-2.5">
        <h2 id={heading} className="min-w-0 flex-1 truncate text-base font-semibold">
          {title}
        </h2>
        <IconButton label="Close" onClick={onClose} small>
          <X size={16} aria-hidden />
        </IconButton>
      </header>
      <div className="min-h-0 flex-1 overflow-auto p-4">{children}</div>
      {actions !== undefined && <footer className="flex flex-wrap justify-end gap-2 border-t border-line px-4 py-3">{actions}</footer>}
    </dialog>
  );
}
