// Values for the inputs of a workflow, one field for each that it declares; what else there is stands as JSON.
import { useState } from "react";
import { useQuery } from "@tanstack/react-query";
import { api, ask } from "@/api/client";
import { useRows } from "@/live/feed";
import { Field, Select } from "@/ui/field";
import { JsonField, TextField, jsonWrong } from "../values";
import { object, text } from "./parts";

interface Declared {
  name: string;
  type: string;
  required: boolean;
  description: string;
  default?: unknown;
  enum: unknown[] | null;
}

/** Reads the inputs that a workflow declares. */
function useDeclared(workflow: string | undefined): Declared[] {
  const row = useRows("workflow").find((one) => one.slug === workflow || one.id === workflow);
  const { data } = useQuery({
    queryKey: ["trigger inputs", row?.id, row?.hash],
    queryFn: () => ask(api.GET("/api/workflows/{id}", { params: { path: { id: row?.id ?? "" } } })),
    enabled: row !== undefined,
  });
  const inputs = object(data?.definition).inputs;
  return (Array.isArray(inputs) ? inputs : []).map(object).map((input) => ({
    name: text(input.name),
    type: text(input.type) || "any",
    required: input.required === true,
    description: text(input.description),
    default: input.default,
    enum: Array.isArray(input.enum) ? input.enum : null,
  }));
}

type Values = Readonly<Record<string, unknown>>;

interface InputsProps {
  workflow: string | undefined;
  value: Values;
  onChange: (value: Values) => void;
  error?: string | null;
}

export function InputFields({ workflow, value, onChange, error }: InputsProps) {
  const declared = useDeclared(workflow);
  const names = new Set(declared.map((one) => one.name));
  const others = Object.fromEntries(Object.entries(value).filter(([name]) => !names.has(name)));
  const put = (name: string, given: unknown) => {
    const rest = Object.fromEntries(Object.entries(value).filter(([other]) => other !== name));
    onChange(given === undefined ? rest : { ...rest, [name]: given });
  };
  return (
    <fieldset className="flex flex-col gap-3">
      <legend className="mb-1 text-sm font-medium">Inputs that are the same every time</legend>
      {declared.length > 0 && (
        <div className="grid grid-cols-1 gap-3 sm:grid-cols-2">
          {declared.map((one) => (
            <InputField key={one.name} declared={one} value={value[one.name]} onChange={(given) => put(one.name, given)} />
          ))}
        </div>
      )}
      {(declared.length === 0 || Object.keys(others).length > 0) && (
        <OtherInputs
          label={declared.length === 0 ? "Inputs as JSON" : "Other inputs as JSON"}
          value={others}
          onChange={(given) => onChange({ ...Object.fromEntries(Object.entries(value).filter(([name]) => names.has(name))), ...given })}
        />
      )}
      {error && <p className="text-xs text-bad">{error}</p>}
    </fieldset>
  );
}

function InputField({ declared, value, onChange }: { declared: Declared; value: unknown; onChange: (value: unknown) => void }) {
  const [typed, setTyped] = useState<string | null>(null);
  const shown = typed ?? (value === undefined ? "" : typeof value === "string" ? value : JSON.stringify(value));
  const hint = [declared.description, declared.default === undefined ? "" : `${JSON.stringify(declared.default)} unless said.`].filter(Boolean).join(" ");
  const label = `${declared.name}${declared.required ? " (required)" : ""}`;
  const change = (next: string) => {
    setTyped(next);
    onChange(next === "" ? undefined : read(next, declared.type));
  };
  if (declared.enum !== null) {
    return (
      <Field label={label} hint={hint}>
        {(control) => (
          <Select {...control} value={shown} onChange={(event) => change(event.target.value)}>
            <option value="">not said</option>
            {declared.enum?.map((one) => <option key={String(one)}>{typeof one === "string" ? one : JSON.stringify(one)}</option>)}
          </Select>
        )}
      </Field>
    );
  }
  return <TextField label={label} hint={hint} placeholder={declared.type} value={shown} onChange={change} />;
}

/** Reads what is typed as the input's type; what is none goes as text, and the server says what it wants. */
function read(typed: string, type: string): unknown {
  if (type === "string" || jsonWrong(typed) !== null) return typed;
  return JSON.parse(typed) as unknown;
}

export function OtherInputs({ label, value, onChange }: { label: string; value: Values; onChange: (value: Values) => void }) {
  const [typed, setTyped] = useState(Object.keys(value).length === 0 ? "" : JSON.stringify(value, null, 2));
  return (
    <JsonField
      label={label}
      hint="An object, like {&quot;team&quot;: &quot;shop&quot;}."
      rows={3}
      value={typed}
      onChange={(next) => {
        setTyped(next);
        if (jsonWrong(next) === null) onChange(next.trim() === "" ? {} : object(JSON.parse(next)));
      }}
    />
  );
}
