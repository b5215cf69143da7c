// A table that scrolls by itself where the screen is narrow.
import type { ReactNode } from "react";
import { cx } from "@/ui/classes";

interface TableProps {
  label: string;
  head: readonly ReactNode[];
  children: ReactNode;
}

export function Table({ label, head, children }: TableProps) {
  return (
    // Scrolled by the keyboard too, so it takes the focus; what stands in it for readers alone stays inside.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div tabIndex={0} role="region" aria-label={label} className="relative overflow-x-auto">
      <table className="w-full text-left text-sm">
        <thead>
          <tr className="border-b border-line text-xs text-soft">
            {head.map((name, n) => (
              <th key={n} scope="col" className="px-3 py-1.5 font-medium whitespace-nowrap">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}

export function Row({ children, faded }: { children: ReactNode; faded?: boolean }) {
  return <tr className={cx("border-b border-line last:border-0 hover:bg-sunken", faded && "text-soft")}>{children}</tr>;
}

export function Cell({ children, className }: { children?: ReactNode; className?: string }) {
  return <td className={cx("px-3 py-2 align-middle", className)}>{children}</td>;
}
