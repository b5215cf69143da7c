// Opens a session; what is left empty is as the server and its runners have it.
import type { FormEvent } from "react";
import { useState } from "react";
import { useNavigate } from "@tanstack/react-router";
import { api, ask, freshKey, keyed } from "@/api/client";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Field, Input, Select } from "@/ui/field";
import { Failure } from "@/ui/states";
import { ProblemError } from "@/api/problem";
import { useAgents } from "../chat/choices";

export function NewSession({ onClose }: { onClose: () => void }) {
  const navigate = useNavigate();
  const agents = useAgents();
  const [form, setForm] = useState({ title: "", agent: "", model: "", url: "", branch: "" });
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  // What is written here opens one session, however often it has to be asked for.
  const [key, setKey] = useState(freshKey);
  const set = (name: keyof typeof form) => (event: { target: { value: string } }) => {
    setForm({ ...form, [name]: event.target.value });
    setKey(freshKey());
  };
  const at = error instanceof ProblemError ? error.problem.field : undefined;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    const given = (text: string) => text.trim() || undefined;
    const url = given(form.url);
    const body = { title: given(form.title), agent: given(form.agent), model: given(form.model), repo: url === undefined ? undefined : { url, branch: given(form.branch) } };
    ask(api.POST("/api/sessions", { body, params: { header: keyed(key) } }))
      .then((session) => {
        onClose();
        return navigate({ to: "/sessions/$session", params: { session: session.id } });
      })
      .catch(setError)
      .finally(() => setBusy(false));
  };
  return (
    <Dialog
      title="New session"
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Leave it</Button>
          <Button look="primary" type="submit" form="new-session" busy={busy}>
            Open
          </Button>
        </>
      }
    >
      <form id="new-session" onSubmit={submit} className="flex flex-col gap-3">
        <Field label="Title" hint="The agent may find one, when it is left empty." error={at === "title" ? "See below." : null}>
          {(control) => <Input {...control} maxLength={200} value={form.title} onChange={set("title")} />}
        </Field>
        <div className="flex flex-wrap gap-3">
          <Field label="Agent" className="min-w-40 flex-1">
            {(control) => (
              <Select {...control} value={form.agent} onChange={set("agent")}>
                <option value="">The runner’s first one</option>
                {agents.map((name) => (
                  <option key={name} value={name}>
                    {name}
                  </option>
                ))}
              </Select>
            )}
          </Field>
          <Field label="Model" className="min-w-40 flex-1">
            {(control) => <Input {...control} value={form.model} onChange={set("model")} placeholder="As the agent has it" />}
          </Field>
        </div>
        <div className="flex flex-wrap gap-3">
          <Field label="Repository" className="min-w-56 flex-2" hint="Cloned into the workspace before the first turn." error={at?.startsWith("repo") ? "See below." : null}>
            {(control) => <Input {...control} value={form.url} onChange={set("url")} placeholder="https://…" />}
          </Field>
          <Field label="Branch" className="min-w-32 flex-1">
            {(control) => <Input {...control} value={form.branch} onChange={set("branch")} disabled={form.url.trim() === ""} />}
          </Field>
        </div>
        {error !== null && <Failure error={error} />}
      </form>
    </Dialog>
  );
}
