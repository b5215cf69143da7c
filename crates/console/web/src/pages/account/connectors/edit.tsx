// Registers a connector, or changes one. Secrets go one way: they are never shown again.
import type { FormEvent } from "react";
import { useState } from "react";
import { useQueryClient } from "@tanstack/react-query";
import { Plus, Trash2, Undo2 } from "lucide-react";
import { api, ask } from "@/api/client";
import { ProblemError } from "@/api/problem";
import type { Schemas } from "@/api/types";
import { Button, IconButton } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Field, Input, Select, Textarea } from "@/ui/field";
import { Failure } from "@/ui/states";
import { tell } from "@/ui/toast";
import { connectorsKey } from "./data";
import type { Draft, Sealed } from "./draft";
import { changeOf, draftOf } from "./draft";

export function Edit({ connector, onClose }: { connector: Schemas["ConnectorView"] | null; onClose: () => void }) {
  const cache = useQueryClient();
  const [draft, setDraft] = useState<Draft>(() => draftOf(connector));
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const say = (change: Partial<Draft>) => setDraft({ ...draft, ...change });
  const field = error instanceof ProblemError ? error.problem.field : undefined;
  const wrong = (name: string) => (field === name && error instanceof ProblemError ? error.problem.detail : null);
  const save = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      const set = await ask(api.PUT("/api/connectors/{name}", { params: { path: { name: draft.name.trim() } }, body: changeOf(draft) }));
      await cache.invalidateQueries({ queryKey: connectorsKey });
      tell.done(`${set.connector.name} was ${set.outcome}.`);
      onClose();
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  const known = ["url", "command", "args"].includes(field ?? "");
  return (
    <Dialog
      title={connector === null ? "New connector" : `Connector ${connector.name}`}
      onClose={onClose}
      actions={
        <Button type="submit" form="connector" look="primary" busy={busy}>
          Save
        </Button>
      }
    >
      <form id="connector" onSubmit={(event) => void save(event)} className="flex flex-col gap-3">
        {connector === null && (
          <>
            <Field label="Name" hint="Small letters, digits and hyphens; its tools are called by it.">
              {(control) => <Input {...control} required pattern="[a-z0-9\-]+" autoComplete="off" value={draft.name} onChange={(event) => say({ name: event.target.value })} />}
            </Field>
            <Field label="How it is reached">
              {(control) => (
                <Select {...control} value={draft.by} onChange={(event) => say({ by: event.target.value as Draft["by"] })}>
                  <option value="url">By an address, over HTTP</option>
                  <option value="command">As a program that a runner starts</option>
                </Select>
              )}
            </Field>
          </>
        )}
        {draft.by === "url" ? (
          <Field label="Address" hint="Where it speaks streamable HTTP." error={wrong("url")}>
            {(control) => <Input {...control} type="url" required placeholder="https://tracker.example.org/mcp" value={draft.url} onChange={(event) => say({ url: event.target.value })} />}
          </Field>
        ) : (
          <>
            <Field label="Command" hint="A path on the runner's machine, or a name on its PATH." error={wrong("command")}>
              {(control) => <Input {...control} required autoComplete="off" value={draft.command} onChange={(event) => say({ command: event.target.value })} />}
            </Field>
            <Field label="Arguments" hint="One in a line. Everybody on that machine can see them: secrets belong in the variables." error={wrong("args")}>
              {(control) => <Textarea {...control} rows={3} className="font-mono" value={draft.args} onChange={(event) => say({ args: event.target.value })} />}
            </Field>
          </>
        )}
        <Secrets what={draft.by === "url" ? "header" : "variable"} all={draft.sealed} onChange={(sealed) => say({ sealed })} />
        <Field label="Risk of its tools" hint="For those that have none of their own: by it your rules say whether agents may call them.">
          {(control) => (
            <Select {...control} value={draft.risk} onChange={(event) => say({ risk: event.target.value as Draft["risk"] })}>
              <option value="low">Low</option>
              <option value="medium">Medium</option>
              <option value="high">High</option>
              <option value="critical">Critical</option>
            </Select>
          )}
        </Field>
        <Field label="Tools that may be called" hint="By name, with commas between them; all of them when it is empty.">
          {(control) => <Input {...control} autoComplete="off" value={draft.tools} onChange={(event) => say({ tools: event.target.value })} />}
        </Field>
        {error !== null && !known && <Failure error={error} />}
      </form>
    </Dialog>
  );
}

interface SecretsProps {
  what: "header" | "variable";
  all: readonly Sealed[];
  onChange: (all: Sealed[]) => void;
}

function Secrets({ what, all, onChange }: SecretsProps) {
  const change = (at: number, to: Partial<Sealed>) => onChange(all.map((one, n) => (n === at ? { ...one, ...to } : one)));
  const title = what === "header" ? "Headers that are sent" : "Variables that it gets";
  return (
    <fieldset className="flex flex-col gap-1.5">
      <legend className="mb-1 text-sm font-medium">{title}</legend>
      {all.map((one, n) => (
        <div key={n} className="flex items-center gap-1.5">
          <Input
            aria-label={`Name of ${what} ${n + 1}`}
            placeholder="Name"
            className="flex-1 font-mono"
            disabled={one.value === null}
            value={one.name}
            onChange={(event) => change(n, { name: event.target.value })}
          />
          <Input
            aria-label={`Value of ${what} ${n + 1}`}
            type="password"
            autoComplete="new-password"
            placeholder={one.removed ? "taken away" : one.value === null ? "kept as it is" : "Value"}
            className="flex-1"
            disabled={one.removed}
            value={one.value ?? ""}
            onChange={(event) => change(n, { value: event.target.value })}
          />
          <IconButton
            small
            label={one.removed ? `Keep ${what} ${one.name}` : `Take ${what} ${one.name} away`}
            onClick={() => (one.removed ? change(n, { removed: false }) : one.value === null ? change(n, { removed: true }) : onChange(all.filter((_, other) => other !== n)))}
          >
            {one.removed ? <Undo2 size={14} aria-hidden /> : <Trash2 size={14} aria-hidden />}
          </IconButton>
        </div>
      ))}
      <div>
        <Button small look="quiet" icon={<Plus size={13} aria-hidden />} onClick={() => onChange([...all, { name: "", value: "", removed: false }])}>
          Add a {what}
        </Button>
      </div>
      <p className="text-xs text-soft">Values are kept sealed and never shown again.</p>
    </fieldset>
  );
}
