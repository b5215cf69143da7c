// What templates can read at the step that is looked at, and what the run was given and gives.
import { useMemo } from "react";
import type { Named } from "@/live/run/scope";
import { scopeAt } from "@/live/run/scope";
import type { FlowStep } from "@/ui/flow";
import { Button } from "@/ui/button";
import { CopyButton } from "@/ui/copy";
import { Json } from "@/ui/json";
import type { Shown } from "./shown";

interface VariablesProps {
  shown: Shown;
  steps: readonly FlowStep[];
  /** The step that is looked at; without one, everything that there is by now. */
  at: string | null;
  onAll: () => void;
}

export function Variables({ shown, steps, at, onAll }: VariablesProps) {
  const { run, rows } = shown;
  const scope = useMemo(() => scopeAt({ steps, rows: rows.values(), inputs: run.inputs }, at), [steps, rows, run.inputs, at]);
  const gives = Object.entries(run.outputs);
  return (
    <div className="flex flex-col gap-4 p-3">
      <p className="flex flex-wrap items-center gap-2 text-xs text-soft">
        {at === null ? (
          "All that there is by now."
        ) : (
          <>
            <span className="min-w-0 flex-1 wrap-anywhere">
              What can be read at <code className="font-mono text-ink">{at}</code>
            </span>
            <Button small look="quiet" onClick={onAll}>
              Show all
            </Button>
          </>
        )}
      </p>
      {!shown.past && gives.length > 0 && <Group title="Outputs of the run" items={gives.map(([name, value]) => ({ name, value }))} prefix="" />}
      <Group title="Inputs" items={scope.inputs} prefix="inputs." none="It takes no inputs." />
      {scope.variables.length > 0 && <Group title="Variables" items={scope.variables} prefix="variables." />}
      <Group title="Outputs of steps" items={scope.outputs} prefix="outputs." none="No step has given anything that can be read here." />
    </div>
  );
}

function Group({ title, items, prefix, none }: { title: string; items: readonly Named[]; prefix: string; none?: string }) {
  return (
    <section aria-label={title}>
      <h3 className="mb-1 text-xs font-semibold text-soft">{title}</h3>
      {items.length === 0 ? (
        <p className="text-sm text-soft">{none}</p>
      ) : (
        <dl className="flex flex-col divide-y divide-line rounded-md border border-line bg-surface">
          {items.map(({ name, value, from }) => (
            <div key={name} className="group min-w-0 px-2 py-1.5">
              <dt className="flex min-h-7 items-center gap-2 text-xs">
                <code className="min-w-0 flex-1 truncate font-mono" title={from === undefined ? undefined : `given by ${from}`}>
                  <span className="text-soft">{prefix}</span>
                  <span className="font-medium">{name}</span>
                </code>
                <span className="opacity-0 group-focus-within:opacity-100 group-hover:opacity-100">
                  <CopyButton text={`{{ ${prefix}${name} }}`} label={`Copy ${prefix}${name} as a template`} />
                </span>
              </dt>
              <dd className="min-w-0">
                <Json value={value} depth={0} />
              </dd>
            </div>
          ))}
        </dl>
      )}
    </section>
  );
}
