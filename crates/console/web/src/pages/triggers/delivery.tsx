// One decision with everything that it was made of: the inputs, the prompt, and the request as it came; and delivering it once more.
import { useState } from "react";
import { RotateCcw } from "lucide-react";
import { freshKey } from "@/api/client";
import type { Schemas } from "@/api/types";
import { Button } from "@/ui/button";
import { Code } from "@/ui/code";
import { Json } from "@/ui/json";
import { Failure, Loading } from "@/ui/states";
import { tell } from "@/ui/toast";
import { act, useDelivery } from "./data";

const keys: Record<string, string> = {
  id: "Repeats are known by their id.",
  time: "Repeats are known by their signed time.",
  bytes: "Equal bytes within a short time count as one.",
};

export function Delivery({ id, firing, there }: { id: string; firing: string; there: boolean }) {
  const { data, error, refetch } = useDelivery(id, firing);
  if (error) return <Failure error={error} onRetry={() => void refetch()} className="mt-2 ml-6" />;
  if (data === undefined) return <Loading />;
  const keyed = data.cause?.keyed_by ? keys[data.cause.keyed_by] : undefined;
  return (
    <div className="mt-2 ml-6 flex min-w-0 flex-col gap-3 rounded-md bg-sunken p-3 text-sm">
      {data.replayable && there && <Replay id={id} firing={firing} />}
      {data.prompt && (
        <Part title="What the orchestrator was asked">
          <p className="whitespace-pre-wrap wrap-anywhere">{data.prompt}</p>
        </Part>
      )}
      <Part title="Inputs">{Object.keys(data.inputs).length > 0 ? <Json value={data.inputs} depth={2} /> : <p className="text-soft">None.</p>}</Part>
      {data.delivered ? <Request delivered={data.delivered} /> : data.cause?.kind === "delivery" && <p className="text-soft">What was delivered is not kept any more.</p>}
      {keyed && <p className="text-xs text-soft">{keyed}</p>}
      <p className="font-mono text-xs text-soft wrap-anywhere">{firing}</p>
    </div>
  );
}

function Part({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <div className="min-w-0">
      <h3 className="mb-0.5 text-xs font-semibold text-soft">{title}</h3>
      {children}
    </div>
  );
}

function Request({ delivered }: { delivered: Schemas["Delivered"] }) {
  const headers = Object.entries(delivered.headers);
  return (
    <Part title="The request">
      <p className="font-mono text-xs">
        {delivered.method}
        {delivered.query && ` ?${delivered.query}`}
      </p>
      {headers.length > 0 && (
        <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-3 font-mono text-xs">
          {headers.map(([name, value]) => (
            <div key={name} className="contents">
              <dt className="text-soft">{name}</dt>
              <dd className="wrap-anywhere">{value}</dd>
            </div>
          ))}
        </dl>
      )}
      {delivered.base64 ? <p className="mt-1 text-xs text-soft">The body is no text; as base64:</p> : null}
      {delivered.body === "" ? <p className="mt-1 text-xs text-soft">It had no body.</p> : <Code text={delivered.base64 ? delivered.body : pretty(delivered.body)} language={delivered.base64 ? undefined : "json"} className="max-h-72" />}
    </Part>
  );
}

function pretty(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}

function Replay({ id, firing }: { id: string; firing: string }) {
  const [busy, setBusy] = useState(false);
  const [key, setKey] = useState(freshKey);
  const replay = () => {
    setBusy(true);
    act
      .replay(id, firing, key)
      .then(() => {
        tell.done("It was delivered once more.");
        setKey(freshKey());
      }, tell.failed)
      .finally(() => setBusy(false));
  };
  return (
    <div className="flex flex-wrap items-center gap-2">
      <Button small icon={<RotateCcw size={13} aria-hidden />} busy={busy} onClick={replay}>
        Replay
      </Button>
      <span className="text-xs text-soft">Takes the same delivery once more, by what the trigger says now.</span>
    </div>
  );
}
