import type { ReactNode } from "react";
import { useEffect } from "react";
import { cx } from "./classes";
import { tabTitle } from "./title";

interface PageProps {
  title: ReactNode;
  /** The title in the browser's tab, where `title` is more than a text. */
  named?: string;
  /** Beside the title: states, facts. */
  beside?: ReactNode;
  actions?: ReactNode;
  /** Below the title: tabs, a bar. */
  below?: ReactNode;
  children: ReactNode;
  /** Lays its content out by itself, edge to edge. */
  bare?: boolean;
}

/** A page: its head stays, its content scrolls. */
export function Page({ title, named, beside, actions, below, children, bare }: PageProps) {
  const tab = named ?? (typeof title === "string" ? title : undefined);
  useTitle(tab);
  return (
    <div className="flex h-full min-h-0 flex-col">
      <header className="border-b border-line bg-surface px-4 pt-2.5">
        <div className="flex min-h-9 flex-wrap items-center gap-x-3 gap-y-1.5 pb-2.5">
          <h1 className="min-w-0 truncate text-lg font-semibold">{title}</h1>
          {beside}
          {actions !== undefined && <div className="ml-auto flex flex-wrap items-center gap-2">{actions}</div>}
        </div>
        {below}
      </header>
      <div className={cx("min-h-0 flex-1", bare ? "flex flex-col" : "overflow-auto p-4")}>{children}</div>
    </div>
  );
}

/** Names the browser's tab. */
export function useTitle(title: string | undefined): void {
  useEffect(() => tabTitle.page(title), [title]);
}

/** A box with a heading. */
export function Section({ title, actions, children, className }: { title: ReactNode; actions?: ReactNode; children: ReactNode; className?: string }) {
  return (
    <section className={cx("rounded-lg border border-line bg-surface", className)}>
      <header className="flex min-h-10 flex-wrap items-center gap-2 border-b border-line px-3 py-1.5">
        <h2 className="min-w-0 flex-auto text-sm font-semibold">{title}</h2>
        {actions}
      </header>
      {children}
    </section>
  );
}
