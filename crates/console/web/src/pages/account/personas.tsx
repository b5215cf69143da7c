// Personas: ways of speaking that workflows ask agents to take on.
import type { FormEvent } from "react";
import { useState } from "react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Pencil, Plus, Trash2 } from "lucide-react";
import { api, ask } from "@/api/client";
import type { Schemas } from "@/api/types";
import { Confirm } from "@/pages/operators/parts/confirm";
import { Button, IconButton } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Field, Input, Textarea } from "@/ui/field";
import { Section } from "@/ui/page";
import { Empty, Failure, Loading } from "@/ui/states";
import { tell } from "@/ui/toast";

type Persona = Schemas["Persona"];
const personasKey = ["personas"] as const;

export function Personas() {
  const personas = useQuery({ queryKey: personasKey, queryFn: () => ask(api.GET("/api/personas")) });
  const [editing, setEditing] = useState<Persona | "new" | null>(null);
  const [removing, setRemoving] = useState<Persona | null>(null);
  const make = (
    <Button small icon={<Plus size={13} aria-hidden />} onClick={() => setEditing("new")}>
      New persona
    </Button>
  );
  return (
    <Section title="Personas" actions={make}>
      {personas.isPending && <Loading what="Loading personas" />}
      {personas.isError && <Failure error={personas.error} onRetry={() => void personas.refetch()} className="m-3" />}
      {personas.data?.items.length === 0 && (
        <Empty title="You have no personas">
          A persona is what an agent is told about how to work, under a name that a step of a workflow gives in its field <code className="font-mono">persona</code>.
        </Empty>
      )}
      <ul>
        {personas.data?.items.map((persona) => (
          <li key={persona.name} className="flex items-start gap-2 border-b border-line px-3 py-2.5 last:border-0">
            <div className="min-w-0 flex-1">
              <h3 className="text-sm font-medium">{persona.name}</h3>
              <p className="line-clamp-3 text-sm wrap-anywhere whitespace-pre-wrap text-soft">{persona.instructions}</p>
            </div>
            <IconButton small label={`Edit ${persona.name}`} onClick={() => setEditing(persona)}>
              <Pencil size={14} aria-hidden />
            </IconButton>
            <IconButton small label={`Remove ${persona.name}`} onClick={() => setRemoving(persona)}>
              <Trash2 size={14} aria-hidden />
            </IconButton>
          </li>
        ))}
      </ul>
      {editing !== null && <Edit persona={editing === "new" ? null : editing} taken={personas.data?.items ?? []} onClose={() => setEditing(null)} />}
      {removing !== null && <Remove persona={removing} onClose={() => setRemoving(null)} />}
    </Section>
  );
}

function Edit({ persona, taken, onClose }: { persona: Persona | null; taken: readonly Persona[]; onClose: () => void }) {
  const cache = useQueryClient();
  const [name, setName] = useState(persona?.name ?? "");
  const [instructions, setInstructions] = useState(persona?.instructions ?? "");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const isTaken = persona === null && taken.some((one) => one.name === name.trim());
  const save = async (event: FormEvent) => {
    event.preventDefault();
    if (isTaken) return;
    setBusy(true);
    setError(null);
    try {
      await ask(api.PUT("/api/personas/{name}", { params: { path: { name: name.trim() } }, body: { instructions } }));
      await cache.invalidateQueries({ queryKey: personasKey });
      tell.done(`The persona ${name.trim()} was kept. Runs under way go on with what they were started with.`);
      onClose();
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  return (
    <Dialog
      title={persona === null ? "New persona" : `Persona ${persona.name}`}
      wide
      onClose={onClose}
      actions={
        <Button type="submit" form="persona" look="primary" busy={busy}>
          Save
        </Button>
      }
    >
      <form id="persona" onSubmit={(event) => void save(event)} className="flex flex-col gap-3">
        {persona === null && (
          <Field label="Name" hint="What steps of workflows call it by." error={isTaken ? "There is one of this name already: edit that one." : null}>
            {(control) => <Input {...control} required autoComplete="off" value={name} onChange={(event) => setName(event.target.value)} />}
          </Field>
        )}
        <Field label="Instructions" hint="What the agent is told before the step's own prompt.">
          {(control) => <Textarea {...control} required rows={10} value={instructions} onChange={(event) => setInstructions(event.target.value)} />}
        </Field>
        {error !== null && <Failure error={error} />}
      </form>
    </Dialog>
  );
}

function Remove({ persona, onClose }: { persona: Persona; onClose: () => void }) {
  const cache = useQueryClient();
  const remove = async () => {
    await ask(api.DELETE("/api/personas/{name}", { params: { path: { name: persona.name } } }));
    await cache.invalidateQueries({ queryKey: personasKey });
  };
  return (
    <Confirm title={`Remove ${persona.name}?`} does="Remove" act={remove} onClose={onClose}>
      <p>Runs under way keep it. In runs that start from then on a step that names it fails, until there is one of this name again.</p>
    </Confirm>
  );
}
