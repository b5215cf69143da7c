// Arguments as JSON: what cannot be read is told here.
import { Field, Textarea } from "@/ui/field";

interface JsonFieldProps {
  label: string;
  hint?: string;
  value: string;
  onChange: (text: string) => void;
}

export function JsonField({ label, hint, value, onChange }: JsonFieldProps) {
  return (
    <Field label={label} hint={hint} error={readObject(value).wrong}>
      {(control) => <Textarea {...control} rows={3} spellCheck={false} className="font-mono text-xs" value={value} onChange={(event) => onChange(event.target.value)} />}
    </Field>
  );
}

/** Reads an object; nothing written is an empty one. */
export function readObject(text: string): { value: Record<string, unknown>; wrong: string | null } {
  if (text.trim() === "") return { value: {}, wrong: null };
  try {
    const value = JSON.parse(text) as unknown;
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return { value: value as Record<string, unknown>, wrong: null };
    return { value: {}, wrong: "Write an object, like {\"project\": \"shop\"}." };
  } catch (error) {
    return { value: {}, wrong: `This is no JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
}
