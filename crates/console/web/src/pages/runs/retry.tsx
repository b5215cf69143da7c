// Takes a run up again, as a new one: from where it failed or from any step, with other inputs if wanted.
import { useMemo, useState } from "react";
import { useNavigate } from "@tanstack/react-router";
import type { StepNode } from "@/live/run/tree";
import { everyNode } from "@/live/run/tree";
import type { ExecutionView } from "@/api/types";
import type { InputField } from "@/pages/workflows/inputs";
import { inputFields, valuesOf } from "@/pages/workflows/inputs";
import { InputOf } from "@/pages/workflows/run-dialog";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Field, Select } from "@/ui/field";
import { Failure } from "@/ui/states";
import { tell } from "@/ui/toast";
import * as act from "./act";

interface RetryProps {
  run: ExecutionView;
  tree: readonly StepNode[];
  /** The path of the step to begin from; null for where it failed. */
  from: string | null;
  onClose: () => void;
}

const STEPS_MAX = 300;

export function RetryDialog({ run, tree, from, onClose }: RetryProps) {
  const navigate = useNavigate();
  const [start, setStart] = useState(from ?? "");
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<unknown>(null);
  const [texts, setTexts] = useState<Readonly<Record<string, string>>>({});
  const [tried, setTried] = useState(false);
  // What the run was given stands where a default stands else: what is left alone is not sent.
  const fields = useMemo(() => inputFields(run.definition).map((field): InputField => (field.name in run.inputs ? { ...field, default: run.inputs[field.name] } : field)), [run.definition, run.inputs]);
  const { values, wrong } = valuesOf(fields, texts);
  const choices = useMemo(() => begun(tree), [tree]);

  const retry = async () => {
    setTried(true);
    if (Object.keys(wrong).length > 0) return;
    setBusy(true);
    setRefused(null);
    try {
      const started = await act.retry(run.id, { ...(start === "" ? {} : { from: start }), ...(Object.keys(values).length === 0 ? {} : { inputs: values }) });
      tell.done("A new run has taken it up.");
      onClose();
      void navigate({ to: "/runs/$run", params: { run: started.execution }, search: {} });
    } catch (error) {
      setRefused(error);
      setBusy(false);
    }
  };

  return (
    <Dialog
      title="Retry the run"
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Close</Button>
          <Button look="primary" type="submit" form="retry" busy={busy}>
            Start the new run
          </Button>
        </>
      }
    >
      <form
        id="retry"
        noValidate
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          void retry();
        }}
      >
        <p className="text-sm text-soft">A new run begins at the step chosen here. What was done before that step is reused, not done again.</p>
        <Field label="Begin from">
          {(control) => (
            <Select {...control} value={start} onChange={(event) => setStart(event.target.value)}>
              <option value="">the step that {run.status === "cancelled" ? "was not finished" : "failed"}</option>
              {start !== "" && !choices.some((choice) => choice.path === start) && <option value={start}>{start}</option>}
              {choices.map((choice) => (
                <option key={choice.path} value={choice.path}>
                  {choice.name === choice.path ? choice.path : `${choice.name} (${choice.path})`}
                </option>
              ))}
            </Select>
          )}
        </Field>
        {fields.map((field) => (
          <InputOf
            key={field.name}
            field={field}
            text={texts[field.name] ?? initial(field)}
            wrong={tried ? wrong[field.name] : undefined}
            onChange={(text) => setTexts({ ...texts, [field.name]: text })}
          />
        ))}
        {refused !== null && <Failure error={refused} />}
      </form>
    </Dialog>
  );
}

const initial = (field: InputField): string => (field.default === undefined ? "" : typeof field.default === "string" ? field.default : JSON.stringify(field.default));

/** Lists the steps that have begun; of very many, the first. */
function begun(tree: readonly StepNode[]): { path: string; name: string }[] {
  const found: { path: string; name: string }[] = [];
  for (const node of everyNode(tree)) {
    if (node.row === undefined) continue;
    found.push({ path: node.path, name: node.step.title });
    if (found.length >= STEPS_MAX) break;
  }
  return found;
}
