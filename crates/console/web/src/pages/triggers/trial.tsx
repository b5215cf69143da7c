// A delivery that is only imagined: whether it would start something, with which inputs, and why not.
import type { FormEvent } from "react";
import { useState } from "react";
import type { Schemas } from "@/api/types";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Json } from "@/ui/json";
import { Section } from "@/ui/page";
import { Failure } from "@/ui/states";
import type { TriggerDetail } from "./data";
import { act } from "./data";
import { mistakeWords } from "./draft";
import { texts } from "./form/parts";
import { JsonField, TextField, jsonWrong } from "./values";

export function Trial({ trigger }: { trigger: TriggerDetail }) {
  const github = trigger.type === "github";
  const listened = texts(trigger.definition.events)[0] ?? "push";
  const [payload, setPayload] = useState("{}");
  const [event, setEvent] = useState(listened.split(".")[0] ?? "");
  const [headers, setHeaders] = useState("");
  const [query, setQuery] = useState("");
  const [told, setTold] = useState<Schemas["TestedTrigger"] | null>(null);
  const [failed, setFailed] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const wrong = jsonWrong(payload) ?? jsonWrong(headers);
  const test = (submitted: FormEvent) => {
    submitted.preventDefault();
    if (wrong !== null) return;
    setBusy(true);
    setFailed(null);
    const body: Schemas["TestTrigger"] = { payload: payload.trim() === "" ? null : (JSON.parse(payload) as unknown), query };
    if (github) body.event = event;
    if (headers.trim() !== "") body.headers = JSON.parse(headers) as Record<string, string>;
    act
      .test(trigger.id, body)
      .then(setTold, (error: unknown) => {
        setTold(null);
        setFailed(error);
      })
      .finally(() => setBusy(false));
  };
  return (
    <div className="grid max-w-5xl grid-cols-1 items-start gap-4 lg:grid-cols-2">
      <Section title="What would be delivered">
        <form onSubmit={test} className="flex flex-col gap-3 p-3">
          {github && <TextField label="Event" hint="As GitHub names it: pull_request, push" value={event} onChange={setEvent} />}
          <JsonField label="Payload, as JSON" rows={10} value={payload} onChange={setPayload} />
          {!github && (
            <>
              <JsonField label="Headers, as JSON" rows={2} value={headers} onChange={setHeaders} />
              <TextField label="Query" placeholder="what stands after the ?" value={query} onChange={setQuery} />
            </>
          )}
          <div className="flex items-center gap-3">
            <Button type="submit" look="primary" busy={busy} disabled={wrong !== null}>
              Test
            </Button>
            <span className="text-xs text-soft">Nothing is started, nothing is kept.</span>
          </div>
        </form>
      </Section>
      <div aria-live="polite">
        {failed !== null && <Failure error={failed} />}
        {told !== null && <Told told={told} />}
      </div>
    </div>
  );
}

function Told({ told }: { told: Schemas["TestedTrigger"] }) {
  const why = [...(told.why ?? []), ...(told.mistakes ?? []).map(mistakeWords)];
  return (
    <Section title="What it would do">
      <div className="flex flex-col gap-3 p-3 text-sm">
        <p className="flex flex-wrap items-center gap-2">
          <Badge tone={told.fires ? "good" : "warn"}>{told.fires ? "it would fire" : "it would not fire"}</Badge>
          {told.fires && told.workflow && <span>and run {told.workflow}</span>}
        </p>
        {why.length > 0 && (
          <ul className="list-disc pl-5">
            {why.map((one) => (
              <li key={one}>{one}</li>
            ))}
          </ul>
        )}
        {(told.events ?? []).length > 0 && <p className="text-soft">Known to filters as {told.events?.join(", ")}</p>}
        <div>
          <h3 className="mb-0.5 text-xs font-semibold text-soft">Inputs</h3>
          {Object.keys(told.inputs).length > 0 ? <Json value={told.inputs} depth={2} /> : <p className="text-soft">None.</p>}
        </div>
        {told.prompt && (
          <div>
            <h3 className="mb-0.5 text-xs font-semibold text-soft">What the orchestrator would be asked</h3>
            <p className="whitespace-pre-wrap wrap-anywhere">{told.prompt}</p>
          </div>
        )}
      </div>
    </Section>
  );
}
