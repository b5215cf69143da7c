// Choosing a tool by its name, and the names of its arguments.
import { Field, Input } from "@/ui/field";
import { useTools } from "./data";
import { object } from "./value";

interface ToolFieldProps {
  value: string;
  onChange: (tool: string) => void;
  error?: string | null;
}

export function ToolField({ value, onChange, error }: ToolFieldProps) {
  const tools = useTools().data?.items ?? [];
  const chosen = tools.find((tool) => tool.name === value);
  return (
    <Field label="Tool" error={error ?? null} hint={chosen === undefined ? "The name of a tool of the server or of a connector." : `${chosen.about} (${chosen.risk} risk)`}>
      {(control) => (
        <>
          <Input {...control} list="policy-tools" required value={value} onChange={(event) => onChange(event.target.value)} className="font-mono text-xs" />
          <datalist id="policy-tools">
            {tools.map((tool) => (
              <option key={tool.name} value={tool.name}>
                {tool.service}
              </option>
            ))}
          </datalist>
        </>
      )}
    </Field>
  );
}

/** Returns the names of a tool's arguments, as far as it says them. */
export function useArgumentNames(tool: string): string[] {
  const tools = useTools().data?.items ?? [];
  return Object.keys(object(object(tools.find((one) => one.name === tool)?.schema).properties));
}
