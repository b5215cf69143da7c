// What may be used, and what was: a bar for each limit, setting, raising and removing budgets, and who has done so.
import { useState } from "react";
import { Plus } from "lucide-react";
import { api, ask } from "@/api/client";
import { useRow } from "@/live/feed";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Section } from "@/ui/page";
import { Empty, Failure, Loading } from "@/ui/states";
import { Ago, Clock } from "@/ui/time";
import { tell } from "@/ui/toast";
import { bars, counted } from "./amounts";
import { Audit } from "./audit";
import { Bars } from "./bars";
import { BudgetForm } from "./budget-form";
import type { BudgetView } from "./data";
import { decide, useAgain, useBudgets } from "./data";
import { FormDialog } from "./form-dialog";
import { Scope } from "./scope";

export function Budgets() {
  const { data, error, refetch, isRefetching } = useBudgets();
  const [setting, setSetting] = useState<BudgetView | "new" | null>(null);
  const [removing, setRemoving] = useState<BudgetView | null>(null);
  const budgets = data?.items ?? [];
  return (
    <div className="grid grid-cols-1 items-start gap-4 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
      <Section
        title="Budgets"
        actions={
          <>
            <Button small busy={isRefetching} onClick={() => void refetch()}>
              Look again
            </Button>
            <Button small icon={<Plus size={13} aria-hidden />} onClick={() => setSetting("new")}>
              Set a budget
            </Button>
          </>
        }
      >
        {error && <Failure error={error} onRetry={() => void refetch()} className="m-3" />}
        {data === undefined && !error && <Loading />}
        {data !== undefined && budgets.length === 0 && (
          <Empty title="Nothing is limited">A budget limits tokens, money, time, turns or calls, for one place or for everything. What goes beyond it waits until somebody raises it.</Empty>
        )}
        <ul aria-label="Budgets" className="divide-y divide-line">
          {budgets.map((budget) => (
            <li key={budget.scope}>
              <Budget budget={budget} onChange={() => setSetting(budget)} onRemove={() => setRemoving(budget)} />
            </li>
          ))}
        </ul>
      </Section>
      <Audit of="budgets" title="Who has set and raised" />
      {setting !== null && <BudgetForm budget={setting === "new" ? null : setting} onClose={() => setSetting(null)} />}
      {removing !== null && <Remove budget={removing} onClose={() => setRemoving(null)} />}
    </div>
  );
}

const periods = { day: "each day", week: "each week", month: "each month" } as const;

function Budget({ budget, onChange, onRemove }: { budget: BudgetView; onChange: () => void; onRemove: () => void }) {
  return (
    <article aria-label={budget.scope} className="flex flex-col gap-2.5 p-3">
      <header className="flex flex-wrap items-center gap-2">
        <h3 className="min-w-0 flex-1 basis-40 text-sm font-semibold first-letter:uppercase">
          <Scope scope={budget.scope} />
        </h3>
        {budget.waiting > 0 && <Badge tone="warn">{budget.waiting} waiting</Badge>}
        {budget.approval && <Raise approval={budget.approval} />}
        <Button small onClick={onChange}>
          Change
        </Button>
        <Button small look="danger" onClick={onRemove}>
          Remove
        </Button>
      </header>
      <Bars bars={bars(budget)} />
      <p className="flex flex-wrap gap-x-2 text-xs text-soft">
        <span>
          counts {budget.every && `${periods[budget.every]}, `}since <Clock at={budget.since} />
        </span>
        {budget.until && (
          <span>
            begins anew <Ago at={budget.until} />
          </span>
        )}
        <span>{budget.by ? `set by ${budget.by.name}` : "set by the workflow"}</span>
        {typeof budget.allowance.cost_usd === "number" && budget.used.unpriced_tokens > 0 && (
          <span>the cost leaves out {counted("tokens", budget.used.unpriced_tokens)} without a price</span>
        )}
      </p>
    </article>
  );
}

/** Allows as much again, of what the inbox shows under this id. */
function Raise({ approval }: { approval: string }) {
  const asked = useRow("approval", approval);
  const again = useAgain();
  const [busy, setBusy] = useState(false);
  if (asked === undefined) return null;
  const raise = () => {
    setBusy(true);
    decide(asked, "approved", undefined)
      .then(() => again.budgets(), tell.failed)
      .finally(() => setBusy(false));
  };
  return (
    <Button small look="approve" busy={busy} title="Allows as much again, once" onClick={raise}>
      Raise
    </Button>
  );
}

function Remove({ budget, onClose }: { budget: BudgetView; onClose: () => void }) {
  const again = useAgain();
  const send = async () => {
    await ask(api.DELETE("/api/budgets/{scope}", { params: { path: { scope: budget.scope } } }));
    tell.done("The budget is gone.");
    await again.budgets();
  };
  return (
    <FormDialog title="Remove the budget" verb="Remove" look="danger" onClose={onClose} onSend={send}>
      {() => (
        <p>
          <span className="inline-block first-letter:uppercase">
            <Scope scope={budget.scope} />
          </span>{" "}
          will have no limit of its own any more. {budget.waiting > 0 && "What waits for it goes on."}
        </p>
      )}
    </FormDialog>
  );
}
