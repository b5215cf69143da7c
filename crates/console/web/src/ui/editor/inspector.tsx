// One step looked at: what it says, and which names exist there.
import { useMemo } from "react";
import { ChevronRight, X } from "lucide-react";
import { Badge } from "@/ui/badge";
import { IconButton } from "@/ui/button";
import { kindOf } from "@/ui/flow/kinds";
import type { FlowStep } from "@/ui/flow/steps";
import { allSteps, readSteps } from "@/ui/flow/steps";
import { authored } from "./authored";
import { stringify } from "yaml";
import { useSchema } from "./schema";
import type { ScopeName } from "./scope";
import { scopeAt } from "./scope";

interface InspectorProps {
  definition: unknown;
  path: string;
  onClose?: (() => void) | undefined;
  /** Takes a name that was chosen, where there is something to put it into. */
  onName?: ((name: string) => void) | undefined;
}

const BODIES = ["steps", "branches", "then", "else", "catch"];
const HEAD = ["id", "name", "type"];

export function StepInspector({ definition, path, onClose, onName }: InspectorProps) {
  const schema = useSchema().data;
  const step = useMemo(() => allSteps(readSteps(definition)).find((one) => one.path === path), [definition, path]);
  const scope = useMemo(() => scopeAt(definition, path, schema === undefined ? undefined : (type) => schema.gives(type)), [definition, path, schema]);
  if (step === undefined) return null;
  const { icon: Icon, word } = kindOf(step.type);
  return (
    <section aria-label={`Step ${step.title}`} className="@container flex flex-col gap-3 p-3 text-sm">
      <header className="flex items-start gap-2">
        <Icon size={18} aria-hidden className="mt-0.5 shrink-0 text-soft" />
        <div className="min-w-0 flex-1">
          <h2 className="font-semibold wrap-anywhere">{step.title}</h2>
          <p className="font-mono text-xs wrap-anywhere text-soft">{step.path}</p>
        </div>
        <Badge>{word}</Badge>
        {onClose !== undefined && (
          <IconButton small label="Close the step" onClick={onClose}>
            <X size={14} aria-hidden />
          </IconButton>
        )}
      </header>
      {schema?.about(step.type) !== undefined && <p className="text-xs text-soft">{plain(schema.about(step.type))}</p>}
      <div className="grid items-start gap-3 @md:grid-cols-2">
        <Fields step={step} />
        <Scope scope={scope} onName={onName} />
      </div>
    </section>
  );
}

function Fields({ step }: { step: FlowStep }) {
  const fields = useMemo(() => fieldsOf(step), [step]);
  if (fields.length === 0) return <p className="text-xs text-soft">It says nothing else.</p>;
  return (
    <dl className="flex min-w-0 flex-col gap-2">
      {fields.map(([name, text]) => (
        <div key={name}>
          <dt className="font-mono text-xs text-soft">{name}</dt>
          <dd className="mt-0.5 max-h-52 overflow-auto rounded bg-sunken px-2 py-1 font-mono text-xs wrap-anywhere whitespace-pre-wrap">{text}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Lists what a step says, without the steps in it, each as people write it. */
function fieldsOf(step: FlowStep): [string, string][] {
  const bare = Object.fromEntries(Object.entries(step.fields).filter(([name]) => !BODIES.includes(name)));
  const whole = authored({ steps: [bare] }) as { steps: [Record<string, unknown>] };
  const shown = Object.entries(whole.steps[0]).filter(([name]) => !HEAD.includes(name));
  return shown.map(([name, value]) => [name, typeof value === "string" ? value.trimEnd() : stringify(value, { lineWidth: 0 }).trimEnd()]);
}

const groups: { group: ScopeName["group"]; title: string }[] = [
  { group: "loop", title: "In this loop" },
  { group: "error", title: "The failure" },
  { group: "inputs", title: "Inputs" },
  { group: "variables", title: "Variables" },
  { group: "outputs", title: "Given by earlier steps" },
  { group: "run", title: "The run" },
];

function Scope({ scope, onName }: { scope: readonly ScopeName[]; onName: InspectorProps["onName"] }) {
  return (
    <div className="min-w-0">
      <h3 className="mb-1 text-xs font-semibold text-soft">Names that exist here</h3>
      {groups.map(({ group, title }) => {
        const names = scope.filter((one) => one.group === group);
        return names.length === 0 ? null : (
          <details key={group} open={group !== "run"} className="group border-t border-line py-1">
            <summary className="flex list-none items-center gap-1 rounded text-xs text-soft">
              <ChevronRight size={12} aria-hidden className="transition-transform group-open:rotate-90" />
              {title}
              <span className="ml-auto">{names.length}</span>
            </summary>
            <ul className="mt-0.5 flex flex-col gap-0.5 pl-4">
              {names.map((one) => (
                <li key={one.name} className="text-xs">
                  <Name text={one.name} onName={onName} /> <span className="text-soft">{one.about}</span>
                  {one.fields.length > 0 && (
                    <span className="block pl-2 leading-5">
                      {one.fields.map((field) => (
                        <span key={field} className="mr-2 inline-block">
                          <Name text={`${one.name}.${field}`} shown={`.${field}`} onName={onName} />
                        </span>
                      ))}
                    </span>
                  )}
                </li>
              ))}
            </ul>
          </details>
        );
      })}
    </div>
  );
}

function Name({ text, shown = text, onName }: { text: string; shown?: string; onName: InspectorProps["onName"] }) {
  if (onName === undefined) return <code className="font-mono wrap-anywhere">{shown}</code>;
  return (
    <button type="button" title={`Put {{ ${text} }} where the cursor is`} onClick={() => onName(text)} className="rounded text-left font-mono wrap-anywhere text-accent hover:underline">
      {shown}
    </button>
  );
}

/** Marks of code in the schema's descriptions read as plain text. */
const plain = (text: string | undefined): string => (text ?? "").replaceAll("`", "");
