// Where a webhook is called, what its sender has to do, and making another secret.
import type { FormEvent } from "react";
import { useState } from "react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { KeyRound } from "lucide-react";
import { api, ask, freshKey, keyed } from "@/api/client";
import type { Schemas } from "@/api/types";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Field, Input, Select } from "@/ui/field";
import { Section } from "@/ui/page";
import { Failure } from "@/ui/states";
import { Clock } from "@/ui/time";
import type { TriggerDetail } from "./data";
import { text } from "./form/parts";
import { verifyOf } from "./form/webhook";
import { Copied, Reached, SecretDialog, Todo, whole } from "./secret";

type Inlet = Schemas["InletAddress"];
type Rotated = Schemas["RotatedInlet"];

export function Address({ trigger, address }: { trigger: TriggerDetail; address: Inlet }) {
  const [rotating, setRotating] = useState(false);
  const [rotated, setRotated] = useState<Rotated | null>(null);
  const cache = useQueryClient();
  const github = trigger.type === "github";
  return (
    <Section
      title={github ? "Where GitHub calls, for all of your triggers" : "Where it is called"}
      actions={
        <Button small icon={<KeyRound size={13} aria-hidden />} onClick={() => setRotating(true)}>
          New secret
        </Button>
      }
    >
      <div className="flex flex-col gap-3 p-3">
        <Copied label="Address" value={whole(address)} />
        {!address.url && <Reached />}
        {(address.old ?? []).map((old) => (
          <p key={old.generation} className="text-xs text-warn">
            The address from before stays good until <Clock at={old.until} />.
          </p>
        ))}
        {github && <GithubSecret />}
        <Todo definition={trigger.definition} />
      </div>
      {rotating && (
        <Rotate
          trigger={trigger}
          onClose={() => setRotating(false)}
          onDone={(told) => {
            setRotating(false);
            setRotated(told);
            void cache.invalidateQueries({ queryKey: ["trigger"] });
            void cache.invalidateQueries({ queryKey: ["triggers", "github"] });
          }}
        />
      )}
      {rotated !== null && (
        <SecretDialog name={trigger.name} address={rotated.address} secret={rotated.secret ?? null} definition={trigger.definition} onClose={() => setRotated(null)} />
      )}
    </Section>
  );
}

function GithubSecret() {
  const { data } = useQuery({ queryKey: ["triggers", "github", "inlet"], queryFn: () => ask(api.GET("/api/triggers/github")) });
  if (data === undefined) return null;
  return <p className="text-xs text-soft">{data.secret_given ? "The secret was chosen by a person." : "The secret is the server’s: “New secret” makes another one, and shows it once."}</p>;
}

const overlaps = [
  { ms: 0, word: "not at all" },
  { ms: 3_600_000, word: "an hour" },
  { ms: 86_400_000, word: "a day" },
  { ms: 7 * 86_400_000, word: "a week" },
];

interface RotateProps {
  trigger: TriggerDetail;
  onClose: () => void;
  onDone: (rotated: Rotated) => void;
}

function Rotate({ trigger, onClose, onDone }: RotateProps) {
  const unsigned = text(verifyOf(trigger.definition).scheme) === "none";
  const [given, setGiven] = useState(false);
  const [secret, setSecret] = useState("");
  const [overlap, setOverlap] = useState(3_600_000);
  const [keep, setKeep] = useState(true);
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState<unknown>(null);
  const [key, setKey] = useState(freshKey);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setFailed(null);
    const body: Schemas["RotateInlet"] = { overlap_ms: overlap, ...(given ? { secret, keep_address: keep } : {}) };
    const header = keyed(key);
    const told =
      trigger.type === "github"
        ? ask(api.POST("/api/triggers/github/rotate", { params: { header }, body }))
        : ask(api.POST("/api/triggers/{trigger}/rotate", { params: { path: { trigger: trigger.id }, header }, body }));
    told.then(onDone, (error: unknown) => {
      setFailed(error);
      setBusy(false);
    });
  };
  return (
    <Dialog
      title={unsigned ? "Another address" : "Another secret"}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" form="rotate" look="primary" busy={busy}>
            Replace
          </Button>
        </>
      }
    >
      {/* What is changed makes another command of it. */}
      <form id="rotate" onSubmit={submit} onChange={() => setKey(freshKey())} className="flex flex-col gap-3 text-sm">
        {!unsigned && (
          <fieldset className="flex flex-col gap-1.5">
            <legend className="mb-1 font-medium">Whose secret</legend>
            <label className="flex items-center gap-2">
              <input type="radio" name="whose" checked={!given} onChange={() => setGiven(false)} />
              one that the server makes, with another address
            </label>
            <label className="flex items-center gap-2">
              <input type="radio" name="whose" checked={given} onChange={() => setGiven(true)} />
              the sender’s own, as Slack and Stripe make theirs
            </label>
          </fieldset>
        )}
        {given && (
          <>
            <Field label="The sender’s secret" hint="It is kept sealed, and never shown.">
              {(control) => <Input {...control} type="password" autoComplete="off" required value={secret} onChange={(event) => setSecret(event.target.value)} />}
            </Field>
            <label className="flex items-center gap-2">
              <input type="checkbox" checked={keep} onChange={(event) => setKeep(event.target.checked)} />
              Keep the address
            </label>
          </>
        )}
        <Field label="What was before stays good for">
          {(control) => (
            <Select {...control} value={overlap} onChange={(event) => setOverlap(Number(event.target.value))}>
              {overlaps.map(({ ms, word }) => (
                <option key={ms} value={ms}>
                  {word}
                </option>
              ))}
            </Select>
          )}
        </Field>
        {failed !== null && <Failure error={failed} />}
      </form>
    </Dialog>
  );
}
