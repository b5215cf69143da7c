// The dialog in which a trigger is made or changed: a form, or the same as YAML, beside what it would do.
import type { FormEvent } from "react";
import { useState } from "react";
import { freshKey } from "@/api/client";
import { ProblemError } from "@/api/problem";
import type { Mistake, Schemas } from "@/api/types";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Failure, Loading } from "@/ui/states";
import { Tabs } from "@/ui/tabs";
import { tell } from "@/ui/toast";
import type { TriggerDetail } from "./data";
import { definition, useTrigger } from "./data";
import type { Draft, TriggerType } from "./draft";
import { byField, changes, freshDraft, mistakeWords, ofType, whole, withField, wrongWith } from "./draft";
import { Fields } from "./form/fields";
import { ownZone } from "./form/schedule";
import { Preview, useRested, useValidity } from "./preview";
import { YamlField } from "./yaml";

const NEW = "tenure.trigger.draft";

type Saved = Schemas["SavedTrigger"];

/** Makes a trigger. What was typed is kept in this tab until it is saved or thrown away. */
export function NewTrigger({ onClose, onSaved }: { onClose: () => void; onSaved: (saved: Saved, draft: Draft) => void }) {
  const [begun] = useState(() => keptDraft() ?? freshDraft("schedule", ownZone()));
  return (
    <Editor
      begun={begun}
      old={null}
      onClose={onClose}
      onDraft={(draft) => sessionStorage.setItem(NEW, JSON.stringify(draft))}
      onSaved={(saved, draft) => {
        sessionStorage.removeItem(NEW);
        onSaved(saved, draft);
      }}
    />
  );
}

function keptDraft(): Draft | null {
  try {
    return JSON.parse(sessionStorage.getItem(NEW) ?? "null") as Draft | null;
  } catch {
    return null;
  }
}

/** Changes a trigger. */
export function EditTrigger({ id, onClose, onSaved }: { id: string; onClose: () => void; onSaved: (saved: Saved, draft: Draft) => void }) {
  const { data, error, refetch } = useTrigger(id);
  // What is changed is the revision that was there when it was opened; saving over a newer one is refused.
  const [opened, setOpened] = useState<TriggerDetail | null>(null);
  if (opened === null && data !== undefined) setOpened(data);
  if (opened !== null) return <Editor begun={opened.definition} old={opened} onClose={onClose} onSaved={onSaved} />;
  return (
    <Dialog title="Edit" onClose={onClose} wide>
      {error ? <Failure error={error} onRetry={() => void refetch()} /> : <Loading />}
    </Dialog>
  );
}

interface EditorProps {
  begun: Draft;
  old: TriggerDetail | null;
  onClose: () => void;
  onSaved: (saved: Saved, draft: Draft) => void;
  onDraft?: (draft: Draft) => void;
}

function Editor({ begun, old, onClose, onSaved, onDraft }: EditorProps) {
  const [draft, setDraft] = useState<Draft>(begun);
  const [asYaml, setAsYaml] = useState(false);
  const [unread, setUnread] = useState<string | null>(null);
  const [touched, setTouched] = useState<ReadonlySet<string>>(new Set());
  const [tried, setTried] = useState(false);
  const [failed, setFailed] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const [key, setKey] = useState(freshKey);
  const [begins, setBegins] = useState(0);
  const change = (next: Draft) => {
    setDraft(next);
    setFailed(null);
    // Another text is another command.
    setKey(freshKey());
    onDraft?.(next);
  };
  const patch = old === null ? whole(draft) : changes(old.definition, draft);
  // Another name is judged when it is saved; until then the old one says which trigger is meant.
  const judged = JSON.stringify(old === null ? patch : { ...patch, name: old.name });
  const rested = useRested(judged);
  const validity = useValidity(rested).data;
  const mistakes = byField([...(validity?.mistakes ?? []), ...errorsOf(failed)]);
  const shows = (field: string) => tried || touched.has(field) || old !== null || asYaml;
  const touch = (field: string) => setTouched((before) => new Set(before).add(field));
  const form = {
    draft,
    set: (field: string, value: unknown) => {
      touch(field);
      change(withField(draft, field, value));
    },
    wrong: (field: string) => (shows(field) ? wrongWith(mistakes, field) : null),
    touch,
  };
  const save = async (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    setBusy(true);
    try {
      const text = JSON.stringify(patch);
      const saved = old === null ? await definition.create(text, key) : await definition.change(old.id, text, old.revision, key);
      tell.done(saved.outcome === "created" ? `${saved.name} is there.` : `${saved.name} is changed.`);
      onSaved(saved, draft);
    } catch (error) {
      setFailed(error);
    } finally {
      setBusy(false);
    }
  };
  const nothing = old !== null && Object.keys(patch).length === 0;
  return (
    <Dialog
      title={old === null ? "New schedule or hook" : `Edit ${old.name}`}
      onClose={onClose}
      wide
      actions={
        <>
          {old === null && (
            <Button
              look="quiet"
              className="mr-auto"
              onClick={() => {
                change(freshDraft("schedule", ownZone()));
                setTouched(new Set());
                setTried(false);
                setUnread(null);
                // What is typed in its fields goes with it.
                setBegins(begins + 1);
              }}
            >
              Start over
            </Button>
          )}
          <Button onClick={onClose}>{old === null ? "Close" : "Cancel"}</Button>
          <Button type="submit" form="trigger-form" look="primary" busy={busy} disabled={nothing || unread !== null}>
            {old === null ? "Create" : "Save"}
          </Button>
        </>
      }
    >
      <form id="trigger-form" noValidate onSubmit={(event) => void save(event)} className="grid grid-cols-1 gap-4 md:grid-cols-[minmax(0,1fr)_17rem]">
        <div className="flex min-w-0 flex-col gap-4">
          <Tabs
            small
            label="How it is written"
            tabs={[
              { key: "form", label: "Form" },
              { key: "yaml", label: "YAML" },
            ]}
            current={asYaml ? "yaml" : "form"}
            onChange={(tab) => {
              // What cannot be read as YAML has no form.
              if (tab === "yaml" || unread === null) setAsYaml(tab === "yaml");
            }}
          />
          {asYaml ? (
            <>
              <YamlField key={begins} value={whole(draft)} error={unread} onRead={change} onUnread={setUnread} />
              <AllMistakes mistakes={[...(validity?.mistakes ?? [])]} />
            </>
          ) : (
            <Fields key={begins} form={form} isNew={old === null} onType={(type: TriggerType) => change(ofType(draft, type, ownZone()))} />
          )}
          {form.wrong("") && <p className="text-sm text-bad">{form.wrong("")}</p>}
          {failed !== null && <Failure error={failed} />}
        </div>
        <div className="md:sticky md:top-0 md:self-start">
          <Preview text={rested} changes={old === null ? null : Object.keys(patch).length} />
        </div>
      </form>
    </Dialog>
  );
}

function AllMistakes({ mistakes }: { mistakes: Mistake[] }) {
  if (mistakes.length === 0) return null;
  return (
    <ul className="flex flex-col gap-1 text-sm text-bad">
      {mistakes.map((mistake, n) => (
        <li key={n}>
          <code className="font-mono text-xs">{mistake.path}</code> {mistakeWords(mistake)}
        </li>
      ))}
    </ul>
  );
}

/** What saving was refused for, where the server says the field. */
function errorsOf(failed: unknown): Mistake[] {
  if (!(failed instanceof ProblemError)) return [];
  const { field, code, detail, errors } = failed.problem;
  // What is wrong with the text itself stands there from validating.
  if (errors !== undefined && errors.length > 0) return [];
  return field ? [{ path: `trigger.${field}`, code, message: detail }] : [];
}
