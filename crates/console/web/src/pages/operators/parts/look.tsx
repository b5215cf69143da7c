// A picture of a moment: when it was taken, and the button that takes another. Nothing here takes one by itself.
import { RotateCw } from "lucide-react";
import { Button } from "@/ui/button";
import { cx } from "@/ui/classes";

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });

interface LookedProps {
  /** When it was taken, in milliseconds; 0 when it never was. */
  at: number;
  busy: boolean;
  onLook: () => void;
  what?: string;
}

export function Looked({ at, busy, onLook, what = "As it was at" }: LookedProps) {
  return (
    <div className="flex flex-wrap items-center gap-2 text-xs text-soft">
      {at > 0 && (
        <span>
          {what} <time dateTime={new Date(at).toISOString()}>{clock.format(at)}</time>
        </span>
      )}
      <Button small look="quiet" onClick={onLook} disabled={busy} icon={<RotateCw size={13} aria-hidden className={cx(busy && "animate-spin")} />}>
        Look again
      </Button>
    </div>
  );
}
