// The owner's connectors: other MCP servers whose tools stand beside the server's own.
import { useState } from "react";
import { useQueryClient } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { api, ask } from "@/api/client";
import type { Schemas } from "@/api/types";
import { Confirm } from "@/pages/operators/parts/confirm";
import { Looked } from "@/pages/operators/parts/look";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Section } from "@/ui/page";
import { Empty, Failure, Loading } from "@/ui/states";
import { tell } from "@/ui/toast";
import { Check } from "./check";
import { connectorsKey, useConnectors } from "./data";
import { Edit } from "./edit";
import { HealthBadge, HealthWords } from "./health";

type Connector = Schemas["ConnectorView"];
type Doing = { what: "edit"; connector: Connector | null } | { what: "check" | "remove"; connector: Connector };

export function Connectors() {
  const connectors = useConnectors();
  const [doing, setDoing] = useState<Doing | null>(null);
  const done = () => setDoing(null);
  return (
    <Section
      title="Connectors"
      actions={
        <>
          <Looked at={connectors.dataUpdatedAt} busy={connectors.isFetching} onLook={() => void connectors.refetch()} />
          <Button small icon={<Plus size={13} aria-hidden />} onClick={() => setDoing({ what: "edit", connector: null })}>
            New connector
          </Button>
        </>
      }
    >
      {connectors.isPending && <Loading what="Loading connectors" />}
      {connectors.isError && <Failure error={connectors.error} onRetry={() => void connectors.refetch()} className="m-3" />}
      {connectors.data?.items.length === 0 && (
        <Empty title="You have no connectors">Register a server of the Model Context Protocol, by its address or as a program that a runner starts. Agents and workflows can then call its tools, as far as your rules let them.</Empty>
      )}
      <ul>
        {connectors.data?.items.map((connector) => (
          <Item key={connector.name} connector={connector} onDo={setDoing} />
        ))}
      </ul>
      {doing?.what === "edit" && <Edit connector={doing.connector} onClose={done} />}
      {doing?.what === "check" && <Check name={doing.connector.name} onClose={done} />}
      {doing?.what === "remove" && <Remove connector={doing.connector} onClose={done} />}
    </Section>
  );
}

function Item({ connector, onDo }: { connector: Connector; onDo: (doing: Doing) => void }) {
  const cache = useQueryClient();
  const [busy, setBusy] = useState(false);
  const { name, enabled } = connector;
  const toggle = async () => {
    setBusy(true);
    try {
      await ask(api.PUT("/api/connectors/{name}", { params: { path: { name } }, body: { enabled: !enabled } }));
      await cache.invalidateQueries({ queryKey: connectorsKey });
    } catch (error) {
      tell.failed(error);
    }
    setBusy(false);
  };
  const sealed = [...connector.headers, ...(connector.env ?? [])];
  return (
    <li className="flex flex-wrap items-start gap-x-3 gap-y-2 border-b border-line px-3 py-2.5 last:border-0">
      <div className="min-w-52 flex-1">
        <h3 className="flex flex-wrap items-center gap-2 text-sm font-medium">
          {name}
          <HealthBadge health={connector.health} />
          <Badge title="The risk of its tools that have none of their own">{connector.risk} risk</Badge>
        </h3>
        <p className="font-mono text-xs wrap-anywhere text-soft">{connector.url ?? [connector.command, ...(connector.args ?? [])].join(" ")}</p>
        {sealed.length > 0 && <p className="text-xs text-soft">signs in with {sealed.join(", ")} (sealed)</p>}
        {Array.isArray(connector.tools) && <p className="text-xs text-soft">only these may be called: {connector.tools.join(", ")}</p>}
        <HealthWords health={connector.health} />
      </div>
      <div className="flex flex-wrap gap-1.5">
        <Button small disabled={!enabled} onClick={() => onDo({ what: "check", connector })} aria-label={`Check ${name}`}>
          Check
        </Button>
        <Button small look="quiet" onClick={() => onDo({ what: "edit", connector })} aria-label={`Edit ${name}`}>
          Edit
        </Button>
        <Button small look="quiet" busy={busy} onClick={() => void toggle()} aria-label={`Switch ${name} ${enabled ? "off" : "on"}`}>
          Switch {enabled ? "off" : "on"}
        </Button>
        <Button small look="danger" onClick={() => onDo({ what: "remove", connector })} aria-label={`Remove ${name}`}>
          Remove
        </Button>
      </div>
    </li>
  );
}

function Remove({ connector, onClose }: { connector: Connector; onClose: () => void }) {
  const cache = useQueryClient();
  const remove = async () => {
    await ask(api.DELETE("/api/connectors/{name}", { params: { path: { name: connector.name } } }));
    await cache.invalidateQueries({ queryKey: connectorsKey });
  };
  return (
    <Confirm title={`Remove ${connector.name}?`} does="Remove" act={remove} onClose={onClose}>
      <p>It is forgotten, with what it signs in with. Steps that call its tools fail from then on.</p>
    </Confirm>
  );
}
