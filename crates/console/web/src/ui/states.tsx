// What a page shows when it has nothing, not yet, or not at all.
import type { ReactNode } from "react";
import { CircleAlert } from "lucide-react";
import { ProblemError, sentence } from "@/api/problem";
import { Button } from "./button";
import { cx } from "./classes";

/** There is nothing here, and this is how there could be something. */
export function Empty({ title, children, action }: { title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <div className="flex flex-col items-center gap-2 px-4 py-14 text-center">
      <p className="font-medium">{title}</p>
      {children !== undefined && <div className="max-w-md text-sm text-soft">{children}</div>}
      {action !== undefined && <div className="mt-2">{action}</div>}
    </div>
  );
}

/** It is on its way. */
export function Loading({ what = "Loading", rows = 3 }: { what?: string; rows?: number }) {
  return (
    <div role="status" aria-label={what} className="flex flex-col gap-3 p-4">
      {Array.from({ length: rows }, (_, n) => (
        <div key={n} className={cx("h-4 animate-pulse rounded bg-sunken", n % 3 === 2 ? "w-1/2" : n % 3 === 1 ? "w-5/6" : "w-full")} />
      ))}
    </div>
  );
}

/** It did not work: why, and what to do. */
export function Failure({ error, onRetry, className }: { error: unknown; onRetry?: () => void; className?: string }) {
  return (
    <div role="alert" className={cx("flex items-start gap-2 rounded-md bg-bad-soft px-3 py-2 text-sm text-bad", className)}>
      <CircleAlert size={16} className="mt-0.5 shrink-0" aria-hidden />
      <div className="min-w-0 flex-1 wrap-anywhere">
        <p>{sentence(error)}</p>
        {error instanceof ProblemError && <p className="mt-0.5 font-mono text-xs">{error.code}</p>}
      </div>
      {onRetry !== undefined && (
        <Button small onClick={onRetry}>
          Try again
        </Button>
      )}
    </div>
  );
}
