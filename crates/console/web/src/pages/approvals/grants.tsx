// What people have allowed beforehand: the grants that stand, giving one, and taking one back.
import { useState } from "react";
import { Plus } from "lucide-react";
import { api, ask, freshKey, keyed } from "@/api/client";
import { Button } from "@/ui/button";
import { Field, Input } from "@/ui/field";
import { Section } from "@/ui/page";
import { Empty, Failure, Loading } from "@/ui/states";
import { Ago } from "@/ui/time";
import { tell } from "@/ui/toast";
import type { GrantView } from "./data";
import { useAgain, useGrants } from "./data";
import { FormDialog } from "./form-dialog";
import { LengthSelect, UsesField } from "./grant-more";
import { JsonField, readObject } from "./json-field";
import { Scope, ScopePicker } from "./scope";
import { ToolField, useArgumentNames } from "./tool-field";

export function Grants() {
  const { data, error, refetch } = useGrants();
  const [giving, setGiving] = useState(false);
  const [revoking, setRevoking] = useState<GrantView | null>(null);
  const grants = data?.items ?? [];
  return (
    <div className="flex max-w-4xl flex-col gap-4">
      <Section
        title="Calls that are allowed beforehand"
        actions={
          <Button small icon={<Plus size={13} aria-hidden />} onClick={() => setGiving(true)}>
            New grant
          </Button>
        }
      >
        {error && <Failure error={error} onRetry={() => void refetch()} className="m-3" />}
        {data === undefined && !error && <Loading />}
        {data !== undefined && grants.length === 0 && (
          <Empty title="Nothing is allowed beforehand">A grant lets calls of one tool through that a person would be asked about otherwise, until it ends, is used up or is taken back.</Empty>
        )}
        <ul aria-label="Grants" className="divide-y divide-line">
          {grants.map((grant) => (
            <li key={grant.id} className="flex flex-wrap items-start gap-x-3 gap-y-2 px-3 py-2.5">
              <GrantWords grant={grant} />
              <Button small look="danger" onClick={() => setRevoking(grant)}>
                Revoke
              </Button>
            </li>
          ))}
        </ul>
      </Section>
      {giving && <NewGrant onClose={() => setGiving(false)} />}
      {revoking !== null && <Revoke grant={revoking} onClose={() => setRevoking(null)} />}
    </div>
  );
}

function GrantWords({ grant }: { grant: GrantView }) {
  const bound = Object.entries(grant.arguments ?? {});
  return (
    <div className="flex min-w-0 flex-1 basis-64 flex-col gap-0.5 text-sm">
      <p className="wrap-anywhere">
        <code className="font-mono font-medium">{grant.tool}</code> in <Scope scope={grant.within} />
      </p>
      <p className="text-xs text-soft wrap-anywhere">
        {grant.hash ? (
          "the one call that was approved, with exactly its arguments"
        ) : bound.length === 0 ? (
          "with any arguments"
        ) : (
          <>
            with <code className="font-mono">{bound.map(([name, value]) => `${name}: ${JSON.stringify(value)}`).join(", ")}</code>
          </>
        )}
      </p>
      <p className="flex flex-wrap gap-x-2 text-xs text-soft">
        <span>
          ends <Ago at={grant.until} />
        </span>
        {grant.uses_left !== null && grant.uses_left !== undefined && <span>{grant.uses_left === 1 ? "good once more" : `good ${grant.uses_left} more times`}</span>}
        <span>
          given by {grant.by.name} <Ago at={grant.at} />
        </span>
      </p>
      {grant.reason && <q className="text-xs text-soft wrap-anywhere">{grant.reason}</q>}
    </div>
  );
}

function NewGrant({ onClose }: { onClose: () => void }) {
  const again = useAgain();
  const [tool, setTool] = useState("");
  const [bound, setBound] = useState("");
  const [within, setWithin] = useState("owner");
  const [lasts, setLasts] = useState(24 * 3_600_000);
  const [uses, setUses] = useState<number | null>(null);
  const [reason, setReason] = useState("");
  const [key, setKey] = useState(freshKey);
  const names = useArgumentNames(tool);
  const read = readObject(bound);
  const send = async () => {
    const body = { tool, arguments: read.value, within, lasts_ms: lasts, uses, reason: reason.trim() === "" ? null : reason.trim() };
    try {
      await ask(api.POST("/api/policy/grants", { params: { header: keyed(key) }, body }));
    } catch (error) {
      // What is sent next may be another grant.
      setKey(freshKey());
      throw error;
    }
    tell.done(`Calls of ${tool} are allowed.`);
    await again.policy();
  };
  return (
    <FormDialog title="New grant" verb="Allow" disabled={read.wrong !== null} onClose={onClose} onSend={send}>
      {(wrong) => (
        <>
          <ToolField value={tool} onChange={setTool} error={wrong("tool")} />
          <JsonField
            label="Arguments that the calls must have, as JSON"
            hint={`The others are left open; without any, every call is allowed.${names.length > 0 ? ` There are ${names.join(", ")}.` : ""}`}
            value={bound}
            onChange={setBound}
          />
          <ScopePicker kinds={["owner", "workflow", "session"]} value={within} onChange={setWithin} error={wrong("within")} />
          <div className="grid grid-cols-1 gap-3 sm:grid-cols-2">
            <LengthSelect value={lasts} onChange={setLasts} />
            <UsesField value={uses} onChange={setUses} />
          </div>
          <Field label="Reason">{(control) => <Input {...control} placeholder="may be left out" value={reason} onChange={(event) => setReason(event.target.value)} />}</Field>
        </>
      )}
    </FormDialog>
  );
}

function Revoke({ grant, onClose }: { grant: GrantView; onClose: () => void }) {
  const again = useAgain();
  const send = async () => {
    await ask(api.DELETE("/api/policy/grants/{grant}", { params: { path: { grant: grant.id } } }));
    tell.done(`The grant for ${grant.tool} is taken back.`);
    await again.policy();
  };
  return (
    <FormDialog title="Take the grant back" verb="Revoke" look="danger" onClose={onClose} onSend={send}>
      {() => (
        <>
          <GrantWords grant={grant} />
          <p>From then on it lets nothing through. Calls that were let through already are not undone.</p>
        </>
      )}
    </FormDialog>
  );
}
