// Where inputs are found in what was delivered.
import { Plus, Trash2 } from "lucide-react";
import { Button, IconButton } from "@/ui/button";
import { Input, Select } from "@/ui/field";
import { withField } from "../draft";
import type { Form } from "./parts";
import { object, text } from "./parts";

const types = ["any", "string", "number", "integer", "boolean", "array", "object"];

type Row = Record<string, unknown>;

/** Reads a mapping, written as a list or by name. */
export function mappingOf(value: unknown): Row[] {
  if (Array.isArray(value)) return value.map(object);
  return Object.entries(object(value)).map(([name, inner]) => (typeof inner === "string" ? { name, path: inner } : { name, ...object(inner) }));
}

export function MappingFields({ form }: { form: Form }) {
  const rows = mappingOf(form.draft.mapping);
  const put = (next: Row[]) => form.set("mapping", next.length > 0 ? next : null);
  const change = (at: number, row: Row) => put(rows.map((old, n) => (n === at ? row : old)));
  const wrong = form.wrong("mapping");
  return (
    <fieldset className="flex flex-col gap-2">
      <legend className="mb-1 text-sm font-medium">Inputs out of what is delivered</legend>
      {rows.map((row, n) => (
        <div key={n} className="grid grid-cols-[1fr_auto] gap-1.5 rounded-md border border-line p-2 sm:grid-cols-[1fr_1.4fr_auto_auto_auto] sm:border-0 sm:p-0">
          <Input aria-label={`Name of input ${n + 1}`} placeholder="service" value={text(row.name)} onChange={(event) => change(n, { ...row, name: event.target.value })} />
          <Input
            aria-label={`Path of input ${n + 1}`}
            placeholder="$.alerts[0].service"
            className="col-span-2 font-mono text-xs sm:col-span-1"
            value={text(row.path)}
            onChange={(event) => change(n, { ...row, path: event.target.value })}
          />
          <Select aria-label={`Type of input ${n + 1}`} className="sm:w-28" value={text(row.type) || "any"} onChange={(event) => change(n, { ...row, type: event.target.value })}>
            {types.map((type) => (
              <option key={type}>{type}</option>
            ))}
          </Select>
          <label className="flex items-center gap-1.5 text-xs whitespace-nowrap">
            <input type="checkbox" checked={row.required === true} onChange={(event) => change(n, withField(row, "required", event.target.checked || null))} />
            required
          </label>
          <IconButton label={`Remove input ${n + 1}`} onClick={() => put(rows.filter((_, at) => at !== n))}>
            <Trash2 size={15} aria-hidden />
          </IconButton>
        </div>
      ))}
      {wrong && <p className="text-xs text-bad">{wrong}</p>}
      <div>
        <Button small icon={<Plus size={13} aria-hidden />} onClick={() => put([...rows, { name: "", path: "$." }])}>
          Add an input
        </Button>
      </div>
    </fieldset>
  );
}
