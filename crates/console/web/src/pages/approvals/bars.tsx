// How far a budget is used, a bar for each thing that it limits.
import { cx } from "@/ui/classes";
import type { Bar } from "./amounts";
import { amount } from "./amounts";

export function Bars({ bars }: { bars: readonly Bar[] }) {
  return (
    <div className="flex flex-col gap-2">
      {bars.map((bar) => (
        <OneBar key={bar.field} bar={bar} />
      ))}
    </div>
  );
}

function OneBar({ bar }: { bar: Bar }) {
  const share = bar.of === 0 ? 1 : bar.used / bar.of;
  const tone = share >= 1 ? "bg-bad" : share >= 0.8 ? "bg-warn" : "bg-accent";
  const words = `${amount(bar.field, bar.used)} of ${amount(bar.field, bar.of)}`;
  return (
    <div className="flex flex-col gap-0.5 text-xs">
      <div className="flex flex-wrap justify-between gap-x-2">
        <span className="font-medium">{bar.word}</span>
        <span className={cx("tabular-nums", share >= 1 ? "text-bad" : "text-soft")}>
          {words}
          {bar.raised > 0 && ` (${amount(bar.field, bar.raised)} of it raised)`}
        </span>
      </div>
      <div role="meter" aria-label={bar.word} aria-valuemin={0} aria-valuemax={bar.of} aria-valuenow={Math.min(bar.used, bar.of)} aria-valuetext={words} className="h-1.5 overflow-hidden rounded-full bg-line">
        <div className={cx("h-full rounded-full", tone)} style={{ width: `${Math.min(share, 1) * 100}%` }} />
      </div>
    </div>
  );
}
