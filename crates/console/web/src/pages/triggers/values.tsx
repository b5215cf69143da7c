// Fields for values: texts, lists, lengths of time, JSON. What is being typed stays as it is typed until it means something else.
import { useState } from "react";
import { Field, Input, Textarea } from "@/ui/field";
import { lengthText, readLength, same } from "./draft";

interface Base {
  label: string;
  hint?: string;
  error?: string | null;
  onTouch?: () => void;
  className?: string;
  placeholder?: string;
}

/** Keeps what is typed, until the value is another one than what it was read as. */
function useTyped<T>(value: T, write: (value: T) => string, read: (text: string) => T): [string, (text: string) => void] {
  const [typed, setTyped] = useState<string | null>(null);
  const text = typed !== null && same(read(typed), value) ? typed : write(value);
  return [text, setTyped];
}

export function ListField({ value, onChange, ...rest }: Base & { value: readonly string[]; onChange: (value: string[]) => void }) {
  const read = (text: string) => text.split(/[\s,]+/).filter((one) => one !== "");
  const [text, setTyped] = useTyped<readonly string[]>(value, (list) => list.join(", "), read);
  return (
    <TextField
      {...rest}
      value={text}
      onChange={(next) => {
        setTyped(next);
        onChange(read(next));
      }}
    />
  );
}

export function LengthField({ value, onChange, ...rest }: Base & { value: unknown; onChange: (value: number | string) => void }) {
  const [text, setTyped] = useTyped<unknown>(value, (ms) => (typeof ms === "number" ? lengthText(ms) : typeof ms === "string" ? ms : ""), (typed) =>
    typed === "" ? undefined : readLength(typed),
  );
  return (
    <TextField
      {...rest}
      value={text}
      onChange={(next) => {
        setTyped(next);
        onChange(next.trim() === "" ? "" : readLength(next));
      }}
    />
  );
}

/** An instant, as the clocks in UTC show it. */
export function InstantField({ value, onChange, ...rest }: Base & { value: unknown; onChange: (value: string) => void }) {
  const at = typeof value === "number" ? new Date(value) : typeof value === "string" ? new Date(value) : null;
  const shown = at === null || Number.isNaN(at.getTime()) ? "" : at.toISOString().slice(0, 16);
  return <TextField {...rest} type="datetime-local" value={shown} onChange={(next) => onChange(next === "" ? "" : `${next}:00Z`)} />;
}

interface TextFieldProps extends Base {
  value: string;
  onChange: (value: string) => void;
  type?: string;
  list?: string;
  mono?: boolean;
  autoFocus?: boolean;
}

export function TextField({ label, hint, error, onTouch, className, value, onChange, mono, ...rest }: TextFieldProps) {
  return (
    <Field label={label} hint={hint} error={error} className={className}>
      {(control) => <Input {...control} {...rest} className={mono ? "font-mono text-xs" : undefined} value={value} onBlur={onTouch} onChange={(event) => onChange(event.target.value)} />}
    </Field>
  );
}

/** Any JSON value; what cannot be read is told here and passed on to nobody. */
export function JsonField({ label, hint, error, value, onChange, rows = 4 }: Base & { value: string; onChange: (text: string) => void; rows?: number }) {
  return (
    <Field label={label} hint={hint} error={error ?? jsonWrong(value)}>
      {(control) => <Textarea {...control} rows={rows} spellCheck={false} className="font-mono text-xs" value={value} onChange={(event) => onChange(event.target.value)} />}
    </Field>
  );
}

/** Says why a text is no JSON; nothing when it is, or when there is none. */
export function jsonWrong(text: string): string | null {
  if (text.trim() === "") return null;
  try {
    JSON.parse(text);
    return null;
  } catch (error) {
    return `This is no JSON: ${error instanceof Error ? error.message : String(error)}`;
  }
}
