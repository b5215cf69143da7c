// The people of this server: everybody sees them, administrators add some.
import type { FormEvent } from "react";
import { useState } from "react";
import { useQueryClient } from "@tanstack/react-query";
import { KeyRound, UserPlus } from "lucide-react";
import { api, ask } from "@/api/client";
import type { Schemas } from "@/api/types";
import { PagedView, usePaged } from "@/pages/operators/parts/paged";
import { Cell, Row, Table } from "@/pages/operators/parts/table";
import { useMe } from "@/shell/me";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Field, Input } from "@/ui/field";
import { Section } from "@/ui/page";
import { Empty, Failure } from "@/ui/states";
import { Ago } from "@/ui/time";
import { tell } from "@/ui/toast";
import { IssueToken } from "./issue-token";

export const peopleKey = ["users"] as const;

export function usePeople() {
  return usePaged(peopleKey, (cursor) => ask(api.GET("/api/users", { params: { query: cursor === undefined ? {} : { cursor } } })));
}

export function People() {
  const people = usePeople();
  const admin = useMe()?.role === "admin";
  const [adding, setAdding] = useState(false);
  const [issuing, setIssuing] = useState<string | null>(null);
  return (
    <Section
      title="People"
      actions={
        admin && (
          <Button small icon={<UserPlus size={13} aria-hidden />} onClick={() => setAdding(true)}>
            Add a person
          </Button>
        )
      }
    >
      <PagedView paged={people} what="people" empty={<Empty title="Nobody is here yet" />}>
        {(rows) => (
          <Table label="People" head={["Name", "Rights", "Since", <span key="do" className="sr-only">Do</span>]}>
            {rows.map((row) => (
              <Row key={row.id}>
                <Cell className="font-medium">{row.name}</Cell>
                <Cell>
                  <Badge tone={row.admin ? "accent" : "plain"}>{row.admin ? "administrator" : "user"}</Badge>
                </Cell>
                <Cell className="whitespace-nowrap text-soft">
                  <Ago at={row.created_at} />
                </Cell>
                <Cell className="text-right">
                  {admin && (
                    <Button small look="quiet" icon={<KeyRound size={13} aria-hidden />} onClick={() => setIssuing(row.name)}>
                      Token for {row.name}
                    </Button>
                  )}
                </Cell>
              </Row>
            ))}
          </Table>
        )}
      </PagedView>
      {adding && <AddPerson onClose={() => setAdding(false)} />}
      {issuing !== null && <IssueToken user={issuing} onClose={() => setIssuing(null)} />}
    </Section>
  );
}

function AddPerson({ onClose }: { onClose: () => void }) {
  const cache = useQueryClient();
  const [{ name, admin }, setPerson] = useState<Schemas["NewUser"]>({ name: "", admin: false });
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const add = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await ask(api.POST("/api/users", { body: { name: name.trim(), admin: admin === true } }));
      await cache.invalidateQueries({ queryKey: peopleKey });
      tell.done(`${name.trim()} was added. They sign in with a token that you issue for them.`);
      onClose();
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  return (
    <Dialog
      title="Add a person"
      onClose={onClose}
      actions={
        <Button type="submit" form="add-person" look="primary" busy={busy}>
          Add
        </Button>
      }
    >
      <form id="add-person" onSubmit={(event) => void add(event)} className="flex flex-col gap-3">
        <Field label="Name" hint="What they are called, and how others name them. The same name twice is one person.">
          {(control) => <Input {...control} required autoComplete="off" value={name} onChange={(event) => setPerson({ name: event.target.value, admin })} />}
        </Field>
        <label className="flex items-start gap-2 text-sm">
          <input type="checkbox" className="mt-1" checked={admin === true} onChange={(event) => setPerson({ name, admin: event.target.checked })} />
          <span>
            Administrator
            <span className="block text-xs text-soft">Their tokens may carry the rights over the whole server.</span>
          </span>
        </label>
        {error !== null && <Failure error={error} />}
      </form>
    </Dialog>
  );
}
