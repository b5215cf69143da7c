// Charts that belong together.
import type { ReactNode } from "react";

export function Group({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title}>
      <h2 className="mb-1.5 text-sm font-semibold">{title}</h2>
      <div className="grid grid-cols-2 gap-2 lg:grid-cols-4">{children}</div>
    </section>
  );
}
