// How it stands with the connectors, at a glance.
import { useState } from "react";
import { Link } from "@tanstack/react-router";
import { Check } from "@/pages/account/connectors/check";
import { useConnectors } from "@/pages/account/connectors/data";
import { HealthBadge, HealthWords } from "@/pages/account/connectors/health";
import { Button } from "@/ui/button";
import { Section } from "@/ui/page";
import { Empty, Failure, Loading } from "@/ui/states";
import { Looked } from "./parts/look";
import { Cell, Row, Table } from "./parts/table";

const manage = (
  <Link to="/account" search={{ tab: "connectors" }} className="text-accent underline">
    your account
  </Link>
);

export function ConnectorHealth() {
  const connectors = useConnectors();
  const [checking, setChecking] = useState<string | null>(null);
  return (
    <Section title="Your connectors" actions={<Looked at={connectors.dataUpdatedAt} busy={connectors.isFetching} onLook={() => void connectors.refetch()} />}>
      {connectors.isPending && <Loading what="Loading connectors" />}
      {connectors.isError && <Failure error={connectors.error} onRetry={() => void connectors.refetch()} className="m-3" />}
      {connectors.data?.items.length === 0 && <Empty title="You have no connectors">They are registered in {manage}. Those of other people only they themselves can see.</Empty>}
      {(connectors.data?.items.length ?? 0) > 0 && (
        <>
          <Table label="Connectors" head={["Name", "State", "What is known", <span key="do" className="sr-only">Do</span>]}>
            {connectors.data?.items.map((connector) => (
              <Row key={connector.name}>
                <Cell className="font-medium">{connector.name}</Cell>
                <Cell>
                  <HealthBadge health={connector.health} />
                </Cell>
                <Cell className="min-w-52">
                  <p className="font-mono text-xs wrap-anywhere">{connector.url ?? connector.command}</p>
                  <HealthWords health={connector.health} />
                </Cell>
                <Cell className="text-right">
                  <Button small disabled={!connector.enabled} onClick={() => setChecking(connector.name)} aria-label={`Check ${connector.name}`}>
                    Check
                  </Button>
                </Cell>
              </Row>
            ))}
          </Table>
          <p className="border-t border-line px-3 py-2 text-xs text-soft">Health is what this server has seen since it was started, when somebody asked. They are changed in {manage}.</p>
        </>
      )}
      {checking !== null && <Check name={checking} onClose={() => setChecking(null)} />}
    </Section>
  );
}
