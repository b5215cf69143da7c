// Asks a connector what it has: its tools, their risks, and those that have changed since somebody accepted them.
import { useState } from "react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { api, ask } from "@/api/client";
import type { Schemas } from "@/api/types";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { inputLook } from "@/ui/field";
import { Json } from "@/ui/json";
import { Empty, Failure, Loading } from "@/ui/states";
import { tell } from "@/ui/toast";
import { connectorsKey } from "./data";

type Tool = Schemas["ConnectorTool"];

export function Check({ name, onClose }: { name: string; onClose: () => void }) {
  const cache = useQueryClient();
  const checked = useQuery({
    queryKey: ["connector-check", name],
    queryFn: async () => {
      try {
        return await ask(api.POST("/api/connectors/{name}/check", { params: { path: { name } } }));
      } finally {
        // Whatever came of it, the list now knows more of its health.
        void cache.invalidateQueries({ queryKey: connectorsKey });
      }
    },
    gcTime: 0,
    retry: false,
  });
  const [busy, setBusy] = useState(false);
  const changed = checked.data?.tools.filter((tool) => tool.changed === true) ?? [];
  const accept = async (tools: readonly Tool[]) => {
    setBusy(true);
    try {
      await ask(api.POST("/api/connectors/{name}/accept", { params: { path: { name } }, body: { tools: Object.fromEntries(tools.map((tool) => [tool.tool, tool.hash])) } }));
      tell.done(`Accepted as they are now: ${tools.map((tool) => tool.tool).join(", ")}.`);
      await checked.refetch();
    } catch (error) {
      tell.failed(error);
    }
    setBusy(false);
  };
  return (
    <Dialog
      title={checked.data === undefined ? `Check ${name}` : `${name}: ${checked.data.server}`}
      wide
      onClose={onClose}
      actions={
        <>
          {changed.length > 0 && (
            <Button look="primary" busy={busy} onClick={() => void accept(changed)}>
              Accept {changed.length === 1 ? "the changed one" : `all ${changed.length} changed ones`}
            </Button>
          )}
          <Button onClick={onClose}>Close</Button>
        </>
      }
    >
      {checked.isPending && <Loading what="Asking the connector" />}
      {checked.isError && <Failure error={checked.error} onRetry={() => void checked.refetch()} />}
      {checked.data?.tools.length === 0 && <Empty title="It has no tools" />}
      <ul className="flex flex-col">
        {checked.data?.tools.map((tool) => (
          <ToolItem key={tool.tool} connector={name} tool={tool} busy={busy} onAccept={() => void accept([tool])} />
        ))}
      </ul>
    </Dialog>
  );
}

interface ToolItemProps {
  connector: string;
  tool: Tool;
  busy: boolean;
  onAccept: () => void;
}

const risks = ["low", "medium", "high", "critical"] as const;

function ToolItem({ connector, tool, busy, onAccept }: ToolItemProps) {
  const cache = useQueryClient();
  const [risk, setRisk] = useState(tool.risk);
  const judge = async (next: Schemas["Risk"]) => {
    setRisk(next);
    try {
      await ask(api.PUT("/api/connectors/{name}", { params: { path: { name: connector } }, body: { risks: { [tool.tool]: next } } }));
      await cache.invalidateQueries({ queryKey: connectorsKey });
    } catch (error) {
      setRisk(tool.risk);
      tell.failed(error);
    }
  };
  return (
    <li className="border-b border-line py-2.5 first:pt-0 last:border-0">
      <div className="flex flex-wrap items-center gap-2">
        <h3 className="font-mono text-sm font-medium">{tool.name ?? tool.tool}</h3>
        {tool.changed === true && <Badge tone="warn">changed</Badge>}
        {typeof tool.unusable === "string" && <Badge tone="bad">cannot be called</Badge>}
        <label className="ml-auto flex items-center gap-1.5 text-xs text-soft">
          Risk
          <select className={`${inputLook} h-7 w-auto py-0 text-xs`} value={risk} onChange={(event) => void judge(event.target.value as Schemas["Risk"])}>
            {risks.map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
        </label>
        {tool.changed === true && (
          <Button small busy={busy} onClick={onAccept} aria-label={`Accept ${tool.tool}`}>
            Accept
          </Button>
        )}
      </div>
      <p className="text-sm wrap-anywhere whitespace-pre-wrap text-soft">{tool.about}</p>
      {tool.changed === true && <p className="text-xs text-warn">It looks different from when it was last accepted, and is not called until you accept it.</p>}
      {typeof tool.unusable === "string" && <p className="text-xs text-bad">{tool.unusable}</p>}
      <details className="mt-1">
        <summary className="text-xs text-soft">Parameters</summary>
        <Json value={tool.schema} depth={2} />
      </details>
    </li>
  );
}
