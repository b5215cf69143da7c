// What an approval allows beyond the one call: which arguments, where, how long and how often.
import { useState } from "react";
import { Field, Input, Select } from "@/ui/field";
import type { CallApproval, GrantMore } from "./data";

const HOUR = 3_600_000;
export const lengths = [
  { ms: HOUR, word: "an hour" },
  { ms: 24 * HOUR, word: "a day" },
  { ms: 7 * 24 * HOUR, word: "a week" },
  { ms: 30 * 24 * HOUR, word: "30 days" },
  { ms: 365 * 24 * HOUR, word: "a year" },
];

interface GrantMoreProps {
  call: CallApproval;
  value: GrantMore | null;
  onChange: (value: GrantMore | null) => void;
}

/** The narrowest place that the call has is where a grant begins. */
const narrowest = (call: CallApproval): string => (call.session ? `session:${call.session}` : call.workflow ? `workflow:${call.workflow}` : "owner");

export function GrantMoreFields({ call, value, onChange }: GrantMoreProps) {
  const [first] = useState<GrantMore>({ arguments: "same", within: narrowest(call), lasts_ms: HOUR });
  return (
    <div className="flex flex-col gap-3">
      <label className="flex items-center gap-2 text-sm">
        <input type="checkbox" checked={value !== null} onChange={(event) => onChange(event.target.checked ? first : null)} />
        Allow more calls like it
      </label>
      {value !== null && (
        <div className="flex flex-col gap-3 rounded-md bg-sunken p-3">
          <Bound names={Object.keys(call.arguments)} value={value} onChange={onChange} />
          <div className="grid grid-cols-1 gap-3 sm:grid-cols-3">
            <Field label="Where">
              {(control) => (
                <Select {...control} value={value.within} onChange={(event) => onChange({ ...value, within: event.target.value })}>
                  {call.session && <option value={`session:${call.session}`}>in this session</option>}
                  {call.workflow && <option value={`workflow:${call.workflow}`}>in this workflow</option>}
                  <option value="owner">everywhere of mine</option>
                </Select>
              )}
            </Field>
            <LengthSelect value={value.lasts_ms} onChange={(lasts_ms) => onChange({ ...value, lasts_ms })} />
            <UsesField value={value.uses ?? null} onChange={(uses) => onChange({ ...value, uses })} />
          </div>
        </div>
      )}
    </div>
  );
}

function Bound({ names, value, onChange }: { names: string[]; value: GrantMore; onChange: (value: GrantMore) => void }) {
  const bound = value.arguments ?? "same";
  const fields = bound === "same" ? null : bound.fields;
  const toggle = (name: string, on: boolean) => onChange({ ...value, arguments: { fields: on ? [...(fields ?? []), name] : (fields ?? []).filter((one) => one !== name) } });
  return (
    <fieldset className="flex flex-col gap-1.5 text-sm">
      <legend className="mb-1 font-medium">With which arguments</legend>
      <label className="flex items-center gap-2">
        <input type="radio" name="bound" checked={fields === null} onChange={() => onChange({ ...value, arguments: "same" })} />
        exactly these
      </label>
      <label className="flex items-center gap-2">
        <input type="radio" name="bound" checked={fields !== null} onChange={() => onChange({ ...value, arguments: { fields: names } })} />
        only these of them, whatever the others are
      </label>
      {fields !== null && (
        <div className="flex flex-wrap gap-x-4 gap-y-1 pl-6">
          {names.map((name) => (
            <label key={name} className="flex items-center gap-1.5 font-mono text-xs">
              <input type="checkbox" checked={fields.includes(name)} onChange={(event) => toggle(name, event.target.checked)} />
              {name}
            </label>
          ))}
          {fields.length === 0 && <p className="w-full text-xs text-warn">Every call of the tool is allowed then.</p>}
        </div>
      )}
    </fieldset>
  );
}

export function LengthSelect({ value, onChange }: { value: number; onChange: (ms: number) => void }) {
  return (
    <Field label="For">
      {(control) => (
        <Select {...control} value={value} onChange={(event) => onChange(Number(event.target.value))}>
          {lengths.map(({ ms, word }) => (
            <option key={ms} value={ms}>
              {word}
            </option>
          ))}
        </Select>
      )}
    </Field>
  );
}

export function UsesField({ value, onChange }: { value: number | null; onChange: (uses: number | null) => void }) {
  return (
    <Field label="How often">
      {(control) => (
        <Input {...control} type="number" min={1} placeholder="until its end" value={value ?? ""} onChange={(event) => onChange(event.target.value === "" ? null : Number(event.target.value))} />
      )}
    </Field>
  );
}
