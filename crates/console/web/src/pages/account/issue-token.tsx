// Issues a credential. Its secret is shown this once.
import type { FormEvent } from "react";
import { useId, useState } from "react";
import { useQueryClient } from "@tanstack/react-query";
import { api, ask } from "@/api/client";
import type { Schemas } from "@/api/types";
import { useRows } from "@/live/feed";
import { itemsOf } from "@/pages/operators/parts/paged";
import { useMe } from "@/shell/me";
import { Button } from "@/ui/button";
import { CopyButton } from "@/ui/copy";
import { Dialog } from "@/ui/dialog";
import { Field, Input, Select } from "@/ui/field";
import { Failure } from "@/ui/states";
import type { Lasts } from "./expiry";
import { endOf, lasts } from "./expiry";
import { usePeople } from "./people";

type Role = Schemas["TokenRole"];
type Scope = "first" | "pool" | "runner";

export const tokensKey = ["tokens"] as const;

const roles: Record<Role, string> = {
  user: "User: what that person may do",
  admin: "Administrator: the whole server",
  runner: "Runner: connects runners, nothing else",
};

export function IssueToken({ user, onClose }: { user?: string; onClose: () => void }) {
  const [issued, setIssued] = useState<{ name: string; token: Schemas["IssuedToken"] } | null>(null);
  return issued === null ? (
    <Asking user={user} onIssued={(name, token) => setIssued({ name, token })} onClose={onClose} />
  ) : (
    <Secret name={issued.name} secret={issued.token.secret} onClose={onClose} />
  );
}

interface AskingProps {
  user: string | undefined;
  onIssued: (name: string, token: Schemas["IssuedToken"]) => void;
  onClose: () => void;
}

function Asking({ user, onIssued, onClose }: AskingProps) {
  const me = useMe();
  const admin = me?.role === "admin";
  const form = useId();
  const cache = useQueryClient();
  const people = itemsOf(usePeople());
  const runners = useRows("runner");
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("user");
  const [whose, setWhose] = useState(user ?? "");
  const [until, setUntil] = useState<Lasts>("month");
  const [date, setDate] = useState("");
  const [scope, setScope] = useState<Scope>("first");
  const [pool, setPool] = useState("");
  const [runner, setRunner] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const issue = async (event: FormEvent) => {
    event.preventDefault();
    const expires = endOf(until, date, Date.now());
    if (expires === undefined) return;
    setBusy(true);
    setError(null);
    const body: Schemas["NewToken"] = {
      name: name.trim(),
      role,
      ...(whose === "" ? {} : { user: whose }),
      ...(expires === null ? {} : { expires_at: expires }),
      ...(role === "runner" && scope === "pool" ? { pool: pool.trim() } : {}),
      ...(role === "runner" && scope === "runner" ? { runner } : {}),
    };
    try {
      const token = await ask(api.POST("/api/tokens", { body }));
      void cache.invalidateQueries({ queryKey: tokensKey });
      onIssued(body.name, token);
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  return (
    <Dialog
      title="Issue a token"
      onClose={onClose}
      actions={
        <Button type="submit" form={form} look="primary" busy={busy}>
          Issue
        </Button>
      }
    >
      <form id={form} onSubmit={(event) => void issue(event)} className="flex flex-col gap-3">
        <Field label="What it is for" hint="Such as “laptop of Ann” or “nightly job”, to know it again in the list.">
          {(control) => <Input {...control} required autoComplete="off" value={name} onChange={(event) => setName(event.target.value)} />}
        </Field>
        <Field label="What it may do">
          {(control) => (
            <Select {...control} value={role} onChange={(event) => setRole(event.target.value as Role)}>
              {(["user", ...(admin ? (["admin"] as const) : []), "runner"] as const).map((one) => (
                <option key={one} value={one}>
                  {roles[one]}
                </option>
              ))}
            </Select>
          )}
        </Field>
        {admin && (
          <Field label="For whom">
            {(control) => (
              <Select {...control} value={whose} onChange={(event) => setWhose(event.target.value)}>
                <option value="">You ({me.name})</option>
                {people
                  .filter((one) => one.name !== me.name)
                  .map((one) => (
                    <option key={one.id} value={one.name}>
                      {one.name}
                    </option>
                  ))}
              </Select>
            )}
          </Field>
        )}
        {role === "runner" && (
          <div className="flex flex-col gap-3 border-l-2 border-line pl-3">
            <Field label="Which runners it connects">
              {(control) => (
                <Select {...control} value={scope} onChange={(event) => setScope(event.target.value as Scope)}>
                  <option value="first">The first one that says hello with it, and no other</option>
                  <option value="pool">Those of a pool</option>
                  <option value="runner" disabled={runners.length === 0}>
                    One that is or was here
                  </option>
                </Select>
              )}
            </Field>
            {scope === "pool" && <Field label="Pool">{(control) => <Input {...control} required value={pool} onChange={(event) => setPool(event.target.value)} />}</Field>}
            {scope === "runner" && (
              <Field label="Runner" hint="From its next hello on it belongs to this token.">
                {(control) => (
                  <Select {...control} required value={runner} onChange={(event) => setRunner(event.target.value)}>
                    <option value="">Choose one</option>
                    {runners.map((one) => (
                      <option key={one.id} value={one.id}>
                        {one.name}
                      </option>
                    ))}
                  </Select>
                )}
              </Field>
            )}
          </div>
        )}
        <Field label="When it ends">
          {(control) => (
            <Select {...control} value={until} onChange={(event) => setUntil(event.target.value as Lasts)}>
              {lasts.map((one) => (
                <option key={one.key} value={one.key}>
                  {one.name}
                </option>
              ))}
            </Select>
          )}
        </Field>
        {until === "date" && <Field label="Last day">{(control) => <Input {...control} type="date" required value={date} onChange={(event) => setDate(event.target.value)} />}</Field>}
        {error !== null && <Failure error={error} />}
      </form>
    </Dialog>
  );
}

function Secret({ name, secret, onClose }: { name: string; secret: string; onClose: () => void }) {
  return (
    <Dialog
      title="The new token"
      onClose={onClose}
      actions={
        <Button look="primary" onClick={onClose}>
          I have kept it
        </Button>
      }
    >
      <div className="flex flex-col gap-3 text-sm">
        <p>
          This is the secret of <b className="font-semibold">{name}</b>. It is shown this once: the server keeps only its hash.
        </p>
        <div className="flex items-center gap-2 rounded-md border border-line bg-sunken p-2">
          <code aria-label="Secret" className="min-w-0 flex-1 font-mono text-xs break-all select-all">
            {secret}
          </code>
          <CopyButton text={secret} label="Copy the secret" />
        </div>
        <p className="text-soft">Whoever has it may do what it allows, until it ends or somebody revokes it.</p>
      </div>
    </Dialog>
  );
}
