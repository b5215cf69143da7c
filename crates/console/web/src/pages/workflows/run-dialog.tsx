// Starts a run: asks for the inputs that the definition declares.
import { useMemo, useState } from "react";
import { useNavigate } from "@tanstack/react-router";
import { api, ask } from "@/api/client";
import { ProblemError } from "@/api/problem";
import type { Schemas } from "@/api/types";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Field, Input, Select, Textarea } from "@/ui/field";
import { Failure } from "@/ui/states";
import { tell } from "@/ui/toast";
import { useCommand } from "./data";
import type { InputField } from "./inputs";
import { begun, choiceText, inputFields, valuesOf } from "./inputs";

interface RunDialogProps {
  title: string;
  definition: unknown;
  /** What is run: a stored version, or a definition as it is being written. */
  of: Pick<Schemas["NewExecution"], "workflow" | "hash" | "definition">;
  /** A trial, whatever is chosen. */
  trial?: boolean;
  onClose: () => void;
}

export function RunDialog({ title, definition, of, trial = false, onClose }: RunDialogProps) {
  const navigate = useNavigate();
  const fields = useMemo(() => inputFields(definition), [definition]);
  const [texts, setTexts] = useState<Readonly<Record<string, string>>>({});
  const [test, setTest] = useState(trial);
  const [tried, setTried] = useState(false);
  const { values, wrong } = valuesOf(fields, texts);
  const command = useCommand(
    (body: Schemas["NewExecution"], header) => ask(api.POST("/api/executions", { params: { header }, body })),
    (started) => {
      tell.done(test ? "The test run has begun." : "The run has begun.");
      onClose();
      void navigate({ to: "/runs/$run", params: { run: started.execution } });
    },
    () => undefined,
  );
  const start = () => {
    setTried(true);
    if (Object.keys(wrong).length === 0) command.mutate({ ...of, inputs: values, test });
  };
  return (
    <Dialog
      title={title}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" form="run-inputs" busy={command.isPending}>
            {test ? "Start a test run" : "Start"}
          </Button>
        </>
      }
    >
      <form
        id="run-inputs"
        noValidate
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          start();
        }}
      >
        {fields.length === 0 && <p className="text-sm text-soft">It takes no inputs.</p>}
        {fields.map((field) => (
          <InputOf key={field.name} field={field} text={texts[field.name] ?? begun(field)} wrong={tried ? wrong[field.name] : undefined} onChange={(text) => setTexts({ ...texts, [field.name]: text })} />
        ))}
        {!trial && (
          <label className="flex items-center gap-2 text-sm">
            <input type="checkbox" checked={test} onChange={(event) => setTest(event.target.checked)} className="size-4 accent-(--accent)" />
            Mark it as a test
          </label>
        )}
        {trial && <p className="text-xs text-soft">It runs what stands in the editor, saved or not, and is marked as a test. What it does is real: commands run, agents are asked.</p>}
        {command.isError && <StartFailure error={command.error} />}
      </form>
    </Dialog>
  );
}

function StartFailure({ error }: { error: unknown }) {
  const moved = error instanceof ProblemError && error.code === "version_moved";
  return (
    <>
      <Failure error={error} />
      {moved && <p className="text-sm">The workflow has changed while this was open: close it and look again.</p>}
    </>
  );
}

interface InputOfProps {
  field: InputField;
  text: string;
  wrong: string | undefined;
  onChange: (text: string) => void;
}

const words: Record<InputField["type"], string> = {
  string: "text",
  number: "number",
  integer: "whole number",
  boolean: "yes or no",
  array: "list, as JSON or YAML",
  object: "object, as JSON or YAML",
  any: "any value, as JSON or YAML",
};

export function InputOf({ field, text, wrong, onChange }: InputOfProps) {
  const kind = `${field.choices.length > 0 ? "one of these" : words[field.type]}${field.required ? ", required" : ""}`;
  const hint = field.description === undefined ? kind : `${field.description} (${kind})`;
  return (
    <Field label={field.required ? `${field.name} *` : field.name} hint={hint} error={wrong ?? null}>
      {(control) => {
        const shared = { ...control, value: text, required: field.required };
        if (field.choices.length > 0 || field.type === "boolean") {
          const choices = field.choices.length > 0 ? field.choices.map(choiceText) : ["true", "false"];
          return (
            <Select {...shared} onChange={(event) => onChange(event.target.value)}>
              {field.default === undefined && <option value="">{field.required ? "choose" : "not given"}</option>}
              {choices.map((choice) => (
                <option key={choice} value={choice}>
                  {field.choices.length > 0 ? choice : choice === "true" ? "yes" : "no"}
                </option>
              ))}
            </Select>
          );
        }
        if (field.type === "array" || field.type === "object" || field.type === "any") {
          return <Textarea {...shared} spellCheck={false} className="font-mono text-xs" onChange={(event) => onChange(event.target.value)} />;
        }
        if (field.type === "string" && text.includes("\n")) return <Textarea {...shared} onChange={(event) => onChange(event.target.value)} />;
        return <Input {...shared} inputMode={field.type === "integer" ? "numeric" : field.type === "number" ? "decimal" : undefined} onChange={(event) => onChange(event.target.value)} />;
      }}
    </Field>
  );
}
