// The small dialogs of a trigger: fire now, pause, rename, delete.
import type { FormEvent, ReactNode } from "react";
import { useState } from "react";
import { freshKey } from "@/api/client";
import { ProblemError } from "@/api/problem";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Field, Select } from "@/ui/field";
import { Failure } from "@/ui/states";
import { tell } from "@/ui/toast";
import type { TriggerRow } from "./data";
import { act } from "./data";
import { mistakeWords } from "./draft";
import { OtherInputs } from "./form/inputs";
import { TextField } from "./values";
import { Sentence } from "./sentence";

interface DoProps {
  title: string;
  verb: string;
  look?: "primary" | "danger";
  onClose: () => void;
  act: () => Promise<unknown>;
  done: string;
  onDone?: () => void;
  children: ReactNode;
}

/** A dialog that does one thing, says why it did not work, and goes when it did. */
function Do({ title, verb, look = "primary", onClose, act, done, onDone, children }: DoProps) {
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState<unknown>(null);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setFailed(null);
    try {
      await act();
      tell.done(done);
      onClose();
      onDone?.();
    } catch (error) {
      setFailed(error);
      setBusy(false);
    }
  };
  return (
    <Dialog
      title={title}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" form="trigger-do" look={look} busy={busy}>
            {verb}
          </Button>
        </>
      }
    >
      <form id="trigger-do" onSubmit={(event) => void submit(event)} className="flex flex-col gap-3 text-sm">
        {children}
        {failed !== null && (
          <>
            <Failure error={failed} />
            <Errors error={failed} />
          </>
        )}
      </form>
    </Dialog>
  );
}

function Errors({ error }: { error: unknown }) {
  if (!(error instanceof ProblemError) || !error.problem.errors) return null;
  return (
    <ul className="list-disc pl-5 text-sm text-bad">
      {error.problem.errors.map((mistake, n) => (
        <li key={n}>{mistakeWords(mistake)}</li>
      ))}
    </ul>
  );
}

interface RowProps {
  row: TriggerRow;
  onClose: () => void;
}

export function RunDialog({ row, onClose }: RowProps) {
  const [inputs, setInputs] = useState<Readonly<Record<string, unknown>>>({});
  const [test, setTest] = useState(false);
  const [key, setKey] = useState(freshKey);
  return (
    <Do title={`Run ${row.name} now`} verb="Run now" onClose={onClose} act={() => act.run(row.id, { inputs, test }, key)} done={`${row.name} was asked to run.`}>
      <p>
        <Sentence text={row.words} />.{!row.enabled && " It is switched off; it runs this once."}
      </p>
      <OtherInputs
        label="Inputs on top of its own, as JSON"
        value={inputs}
        onChange={(value) => {
          setInputs(value);
          setKey(freshKey());
        }}
      />
      <label className="flex items-center gap-2">
        <input
          type="checkbox"
          checked={test}
          onChange={(event) => {
            setTest(event.target.checked);
            setKey(freshKey());
          }}
        />
        Mark the run as a trial
      </label>
    </Do>
  );
}

const HOUR = 3_600_000;
const pauses = [
  { ms: HOUR, word: "an hour" },
  { ms: 8 * HOUR, word: "eight hours" },
  { ms: 24 * HOUR, word: "a day" },
  { ms: 7 * 24 * HOUR, word: "a week" },
];

export function PauseDialog({ row, onClose }: RowProps) {
  const [length, setLength] = useState("3600000");
  const [until, setUntil] = useState("");
  const pause = () => act.pause(row.id, length === "until" ? { until } : { for_ms: Number(length) });
  return (
    <Do title={`Pause ${row.name}`} verb="Pause" onClose={onClose} act={pause} done={`${row.name} is paused.`}>
      <p>Nothing is planned while it is paused, and nothing is made up for afterwards. Runs under way go on.</p>
      <Field label="For">
        {(control) => (
          <Select {...control} value={length} onChange={(event) => setLength(event.target.value)}>
            {pauses.map(({ ms, word }) => (
              <option key={ms} value={ms}>
                {word}
              </option>
            ))}
            <option value="until">until a moment</option>
          </Select>
        )}
      </Field>
      {length === "until" && <TextField label={row.type === "schedule" ? "Until, by the clocks of its zone" : "Until (UTC)"} type="datetime-local" value={until} onChange={setUntil} />}
    </Do>
  );
}

export function RenameDialog({ row, onClose }: RowProps) {
  const [name, setName] = useState(row.name);
  return (
    <Do title={`Rename ${row.name}`} verb="Rename" onClose={onClose} act={() => act.rename(row.id, name)} done={`It is now called ${name}.`}>
      <TextField label="Name" value={name} onChange={setName} />
      <p className="text-soft">Everything else of it stays: its address, its ledger, its history.</p>
    </Do>
  );
}

export function DeleteDialog({ row, onClose, onDone }: RowProps & { onDone: () => void }) {
  return (
    <Do title={`Delete ${row.name}`} verb="Delete" look="danger" onClose={onClose} act={() => act.delete(row.id)} done={`${row.name} is deleted.`} onDone={onDone}>
      <p>It fires no more{row.type === "webhook" ? ", and its address is good no more" : ""}. Runs under way go on. Its ledger and its history can still be read by its id.</p>
    </Do>
  );
}
