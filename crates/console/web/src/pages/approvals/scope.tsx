// Places where grants, rules and budgets hold: said by the names of what they are, and chosen by them.
import { Link } from "@tanstack/react-router";
import { useRow, useRows } from "@/live/feed";
import { Field, Select } from "@/ui/field";

const ROWS_MAX = 50;
const link = "text-accent underline underline-offset-2 wrap-anywhere";

/** Says where something holds, and leads there. */
export function Scope({ scope }: { scope: string }) {
  const [kind, id = ""] = scope.split(":");
  switch (kind) {
    case "owner":
      return <>everything of yours</>;
    case "organization":
      return <>the organization</>;
    case "session":
      return <SessionScope id={id} />;
    case "workflow":
      return <WorkflowScope id={id} />;
    case "execution":
      return <RunScope id={id} />;
    case "trigger":
      return <TriggerScope id={id} />;
    default:
      return <>{scope}</>;
  }
}

const short = (id: string) => `${id.slice(0, 8)}…`;

function SessionScope({ id }: { id: string }) {
  const row = useRow("session", id);
  return (
    <span>
      the session{" "}
      <Link to="/sessions/$session" params={{ session: id }} className={link}>
        {row?.title || short(id)}
      </Link>
    </span>
  );
}

function WorkflowScope({ id }: { id: string }) {
  const row = useRow("workflow", id);
  return (
    <span>
      the workflow{" "}
      <Link to="/workflows/$workflow" params={{ workflow: row?.slug ?? id }} className={link}>
        {row?.name ?? short(id)}
      </Link>
    </span>
  );
}

function RunScope({ id }: { id: string }) {
  const row = useRow("execution", id);
  return (
    <span>
      one run of{" "}
      <Link to="/runs/$run" params={{ run: id }} className={link}>
        {row?.name ?? short(id)}
      </Link>
    </span>
  );
}

function TriggerScope({ id }: { id: string }) {
  const row = useRow("trigger", id);
  return (
    <span>
      what{" "}
      <Link to="/triggers/$trigger" params={{ trigger: id }} className={link}>
        {row?.name ?? short(id)}
      </Link>{" "}
      starts
    </span>
  );
}

export type ScopeKind = "owner" | "session" | "workflow" | "trigger" | "execution";

const words: Record<ScopeKind, string> = {
  owner: "Everything of yours",
  session: "One session",
  workflow: "All runs of a workflow",
  trigger: "All that a trigger starts",
  execution: "One run",
};

interface PickerProps {
  kinds: readonly ScopeKind[];
  value: string;
  onChange: (scope: string) => void;
  error?: string | null;
}

/** Chooses a place, first by its kind and then by its name. */
export function ScopePicker({ kinds, value, onChange, error }: PickerProps) {
  const [kind = "owner", id = ""] = value.split(":");
  return (
    <div className="grid grid-cols-1 gap-3 sm:grid-cols-2">
      <Field label="Where it holds" error={kind === "owner" ? (error ?? null) : null}>
        {(control) => (
          <Select {...control} value={kind} onChange={(event) => onChange(event.target.value === "owner" ? "owner" : `${event.target.value}:`)}>
            {kinds.map((one) => (
              <option key={one} value={one}>
                {words[one]}
              </option>
            ))}
          </Select>
        )}
      </Field>
      {kind !== "owner" && <Which kind={kind} id={id} error={error ?? null} onChange={(next) => onChange(`${kind}:${next}`)} />}
    </div>
  );
}

function Which({ kind, id, error, onChange }: { kind: string; id: string; error: string | null; onChange: (id: string) => void }) {
  const sessions = useRows("session");
  const workflows = useRows("workflow");
  const triggers = useRows("trigger");
  const runs = useRows("execution");
  const all: { id: string; name: string }[] =
    kind === "session"
      ? sessions.map((row) => ({ id: row.id, name: row.title || "no title yet" }))
      : kind === "workflow"
        ? workflows.map((row) => ({ id: row.id, name: row.name }))
        : kind === "trigger"
          ? triggers.map((row) => ({ id: row.id, name: row.name }))
          : runs.map((row) => ({ id: row.id, name: `${row.name}, ${row.status}` }));
  const shown = all.slice(0, ROWS_MAX);
  return (
    <Field label="Which one" error={error}>
      {(control) => (
        <Select {...control} value={id} required onChange={(event) => onChange(event.target.value)}>
          <option value="">Choose one</option>
          {id !== "" && !shown.some((one) => one.id === id) && <option value={id}>{all.find((one) => one.id === id)?.name ?? id}</option>}
          {shown.map((one) => (
            <option key={one.id} value={one.id}>
              {one.name}
            </option>
          ))}
        </Select>
      )}
    </Field>
  );
}
