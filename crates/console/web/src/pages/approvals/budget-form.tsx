// Setting a budget: where it holds, how much of what, and how often it counts from nothing again.
import { useState } from "react";
import { api, ask } from "@/api/client";
import type { Schemas } from "@/api/types";
import { Field, Input, Select } from "@/ui/field";
import { tell } from "@/ui/toast";
import { measures, readAllowance, writeAllowance } from "./amounts";
import type { BudgetView } from "./data";
import { useAgain } from "./data";
import { FormDialog } from "./form-dialog";
import { Scope, ScopePicker } from "./scope";

type Period = Schemas["Period"];

export function BudgetForm({ budget, onClose }: { budget: BudgetView | null; onClose: () => void }) {
  const again = useAgain();
  const [scope, setScope] = useState(budget?.scope ?? "owner");
  const [typed, setTyped] = useState(() => writeAllowance(budget?.allowance ?? {}));
  const [every, setEvery] = useState<Period | "">(budget?.every ?? "");
  const [afresh, setAfresh] = useState(false);
  const send = async () => {
    const body: Schemas["SetBudget"] = { allowance: readAllowance(typed), every: every === "" ? null : every, afresh };
    await ask(api.PUT("/api/budgets/{scope}", { params: { path: { scope } }, body }));
    tell.done("The budget is set.");
    await again.budgets();
  };
  return (
    <FormDialog title={budget === null ? "Set a budget" : "Change the budget"} verb="Set" disabled={scope.endsWith(":")} onClose={onClose} onSend={send}>
      {(wrong) => (
        <>
          {budget === null ? (
            <ScopePicker kinds={["owner", "session", "workflow", "trigger", "execution"]} value={scope} onChange={setScope} error={wrong("scope")} />
          ) : (
            <p className="first-letter:uppercase">
              <Scope scope={scope} />
            </p>
          )}
          <fieldset>
            <legend className="mb-1 text-sm font-medium">How much may be used; what is empty has no limit</legend>
            <div className="grid grid-cols-1 gap-3 sm:grid-cols-2">
              {measures.map(({ field, word, hint }) => (
                <Field key={field} label={word} hint={hint} error={wrong(`allowance.${field}`)}>
                  {(control) => (
                    <Input {...control} type="number" min={0} step="any" value={typed[field] ?? ""} onChange={(event) => setTyped({ ...typed, [field]: event.target.value })} />
                  )}
                </Field>
              ))}
            </div>
          </fieldset>
          <Field label="It counts" hint="From midnight in UTC; weeks begin on Monday.">
            {(control) => (
              <Select {...control} value={every} onChange={(event) => setEvery(event.target.value as Period | "")}>
                <option value="">once, and never anew by itself</option>
                <option value="day">each day anew</option>
                <option value="week">each week anew</option>
                <option value="month">each month anew</option>
              </Select>
            )}
          </Field>
          {budget !== null && (
            <label className="flex items-center gap-2">
              <input type="checkbox" checked={afresh} onChange={(event) => setAfresh(event.target.checked)} />
              Count from nothing again now
            </label>
          )}
        </>
      )}
    </FormDialog>
  );
}
