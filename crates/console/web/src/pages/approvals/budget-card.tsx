// A budget that is used up while something waits for it: how much it was, and allowing as much again.
import { Gauge } from "lucide-react";
import { Ago } from "@/ui/time";
import { bars, counted, measures } from "./amounts";
import { Answer } from "./answer";
import { Bars } from "./bars";
import type { BudgetApproval } from "./data";
import { Scope } from "./scope";
import type { Decide } from "./use-inbox";

export function BudgetCard({ asked, answer }: { asked: BudgetApproval; answer: Decide }) {
  const measure = measures.find((one) => one.measure === asked.measure);
  const more = measure === undefined ? undefined : asked.allowance[measure.field];
  return (
    <section aria-label="A budget is used up" className="flex min-w-0 flex-col gap-3 rounded-lg border border-warn bg-surface p-3">
      <div className="flex items-baseline gap-2">
        <Gauge size={17} className="shrink-0 self-start text-warn" aria-hidden />
        <h2 className="min-w-0 flex-1 text-sm font-semibold">
          The budget of <Scope scope={asked.budget} /> is used up
        </h2>
        <Ago at={asked.asked_at} className="shrink-0 text-xs text-soft" />
      </div>
      <Bars bars={bars(asked)} />
      <p className="text-sm text-soft">
        {asked.waiting === 1 ? "One prompt waits" : `${asked.waiting} prompts wait`} for it. Raising allows as much again, once. There is nothing to deny: whoever does not want what waits ends it.
      </p>
      <Answer
        approve={measure !== undefined && more ? `Raise by ${counted(measure.field, more)}` : "Raise"}
        deniable={false}
        onAnswer={(decision, reason) => answer(asked, decision, reason)}
      />
    </section>
  );
}
