// The next planned times: what the clocks of the zone show, how far away it is, and where the clocks skip or repeat.
import { Ago } from "@/ui/time";
import type { PlannedTime } from "./data";
import { Mark } from "./words";

export function NextTimes({ times, label }: { times: readonly PlannedTime[]; label: string }) {
  return (
    <ol aria-label={label} className="flex flex-col gap-0.5 text-sm">
      {times.map((time) => (
        <li key={time.at} className="flex flex-wrap items-center gap-x-2">
          <span className="font-mono text-xs tabular-nums">{time.shown}</span>
          <Ago at={time.fires_at ?? time.at} className="text-xs text-soft" />
          {time.mark && <Mark mark={time.mark} />}
        </li>
      ))}
    </ol>
  );
}
