// Charts that belong together.
import type { ReactNode } from "react";
import { cx } from "@/ui/classes";

export function Group({ title, five = false, children }: { title: string; five?: boolean; children: ReactNode }) {
  return (
    <section aria-label={title}>
      <h2 className="mb-1.5 text-sm font-semibold">{title}</h2>
      <div className={cx("grid grid-cols-2 gap-2", five ? "lg:grid-cols-5" : "lg:grid-cols-4")}>{children}</div>
    </section>
  );
}
