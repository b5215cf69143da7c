// What a trigger starts: a workflow with its inputs, or a question to the orchestrator.
import { useState } from "react";
import { useRows } from "@/live/feed";
import { Field, Select, Textarea } from "@/ui/field";
import { InputFields } from "./inputs";
import type { Form } from "./parts";
import { object, text } from "./parts";

export function TargetFields({ form }: { form: Form }) {
  const { draft, set, wrong, touch } = form;
  const [asks, setAsks] = useState(draft.prompt !== undefined);
  const choose = (prompt: boolean) => {
    setAsks(prompt);
    set(prompt ? "workflow" : "prompt", null);
  };
  return (
    <>
      <fieldset className="flex flex-wrap gap-x-4 gap-y-1 text-sm">
        <legend className="mb-1 text-sm font-medium">What it starts</legend>
        <label className="flex items-center gap-1.5">
          <input type="radio" name="trigger-target" checked={!asks} onChange={() => choose(false)} />a workflow
        </label>
        <label className="flex items-center gap-1.5">
          <input type="radio" name="trigger-target" checked={asks} onChange={() => choose(true)} />a question to the orchestrator
        </label>
      </fieldset>
      {asks ? (
        <Field label="Prompt" hint="It may read {{ payload }}, {{ inputs }} and {{ trigger }}." error={wrong("prompt")}>
          {(control) => <Textarea {...control} rows={4} value={text(draft.prompt)} onBlur={() => touch("prompt")} onChange={(event) => set("prompt", event.target.value)} />}
        </Field>
      ) : (
        <WorkflowField form={form} />
      )}
      <InputFields
        key={text(draft.workflow)}
        workflow={asks ? undefined : text(draft.workflow)}
        value={object(draft.inputs)}
        error={wrong("inputs")}
        onChange={(value) => set("inputs", Object.keys(value).length > 0 ? value : null)}
      />
    </>
  );
}

function WorkflowField({ form }: { form: Form }) {
  const { draft, set, wrong, touch } = form;
  const workflows = useRows("workflow");
  const chosen = text(draft.workflow);
  const known = workflows.some((row) => row.slug === chosen);
  return (
    <Field label="Workflow" error={wrong("workflow")} hint={workflows.length === 0 ? "There is none yet: make one first." : undefined}>
      {(control) => (
        <Select {...control} value={chosen} onBlur={() => touch("workflow")} onChange={(event) => set("workflow", event.target.value)}>
          <option value="">Choose one</option>
          {chosen !== "" && !known && <option value={chosen}>{chosen}</option>}
          {workflows.map((row) => (
            <option key={row.id} value={row.slug}>
              {row.name}
              {row.enabled ? "" : " (switched off)"}
            </option>
          ))}
        </Select>
      )}
    </Field>
  );
}
