// What would become of a call, and which rules say so.
import type { FormEvent } from "react";
import { useState } from "react";
import { api, ask } from "@/api/client";
import type { Schemas } from "@/api/types";
import { Button } from "@/ui/button";
import { Section } from "@/ui/page";
import { Failure } from "@/ui/states";
import { JsonField, readObject } from "./json-field";
import { ModeBadge } from "./mode";
import { Scope, ScopePicker } from "./scope";
import { ToolField } from "./tool-field";
import { readable } from "./value";

export function Explain() {
  const [tool, setTool] = useState("");
  const [within, setWithin] = useState("owner");
  const [bound, setBound] = useState("");
  const [told, setTold] = useState<Schemas["ExplainView"] | null>(null);
  const [failed, setFailed] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const read = readObject(bound);
  const explain = (event: FormEvent) => {
    event.preventDefault();
    const [kind, id] = within.split(":");
    setBusy(true);
    setFailed(null);
    const query = {
      tool,
      ...(kind === "session" && id ? { session: id } : {}),
      ...(kind === "workflow" && id ? { workflow: id } : {}),
      ...(bound.trim() === "" ? {} : { arguments: JSON.stringify(read.value) }),
    };
    ask(api.GET("/api/policy/explain", { params: { query } }))
      .then(setTold, (error: unknown) => {
        setTold(null);
        setFailed(error);
      })
      .finally(() => setBusy(false));
  };
  return (
    <Section title="What would become of a call?">
      <form onSubmit={explain} className="flex flex-col gap-3 p-3">
        <ToolField value={tool} onChange={setTool} />
        <ScopePicker kinds={["owner", "workflow", "session"]} value={within} onChange={setWithin} />
        <JsonField label="Arguments, as JSON" hint="May be left out; grants may ask for them." value={bound} onChange={setBound} />
        <div>
          <Button type="submit" busy={busy} disabled={tool === "" || read.wrong !== null}>
            Explain
          </Button>
        </div>
      </form>
      <div aria-live="polite">
        {failed !== null && <Failure error={failed} className="m-3" />}
        {told !== null && <Told told={told} />}
      </div>
    </Section>
  );
}

function Told({ told }: { told: Schemas["ExplainView"] }) {
  return (
    <div className="flex flex-col gap-2 border-t border-line p-3 text-sm">
      <p className="flex items-baseline gap-2">
        <ModeBadge mode={told.mode} />
        <span>{readable(told.words)}.</span>
      </p>
      {told.considered.length > 0 && (
        <ol aria-label="Rules that were looked at, the widest first" className="flex flex-col gap-1 border-l-2 border-line pl-3">
          {told.considered.map((rule) => (
            <li key={rule.scope} className="flex flex-wrap items-center gap-2">
              <ModeBadge mode={rule.mode} />
              <code className="font-mono text-xs">{rule.what}</code>
              <span className="text-soft">
                in <Scope scope={rule.scope} />
              </span>
            </li>
          ))}
        </ol>
      )}
    </div>
  );
}
