// The inside of the server, for administrators.
import { lazy, Suspense } from "react";
import { useNavigate, useSearch } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { Page } from "@/ui/page";
import { Loading } from "@/ui/states";
import { Tabs } from "@/ui/tabs";
import { Actors } from "./actors";
import { Audit } from "./audit";
import { ConnectorHealth } from "./connectors";
import { OperatorsOnly } from "./only";
import { Runners } from "./runners";
import { Sandboxes } from "./sandboxes";
import { Server } from "./server";
import { StuckList } from "./stuck";

const ActorView = lazy(() => import("./actor").then((module) => ({ default: module.ActorView })));

const tabs = [
  { key: "actors", label: "Actors" },
  { key: "runners", label: "Runners" },
  { key: "sandboxes", label: "Sandboxes" },
  { key: "server", label: "Writer & store" },
  { key: "stuck", label: "Stuck" },
  { key: "connectors", label: "Connectors" },
  { key: "audit", label: "Audit" },
] as const;
type Key = (typeof tabs)[number]["key"];

const panels: Record<Key, () => ReactNode> = {
  actors: () => <Actors />,
  runners: () => <Runners />,
  sandboxes: () => <Sandboxes />,
  server: () => <Server />,
  stuck: () => <StuckList />,
  connectors: () => <ConnectorHealth />,
  audit: () => <Audit />,
};

export function Operators() {
  const search = useSearch({ from: "/operators" });
  const navigate = useNavigate();
  const current = tabs.find((tab) => tab.key === search.tab)?.key ?? "actors";
  return (
    <OperatorsOnly>
      <Page
        title="Operators"
        below={<Tabs label="Operators" tabs={tabs} current={current} panel="operators" onChange={(tab) => void navigate({ to: "/operators", search: { tab }, replace: true })} />}
      >
        <div id="operators" role="tabpanel" aria-label={String(tabs.find((tab) => tab.key === current)?.label)} className="mx-auto max-w-6xl">
          {panels[current]()}
        </div>
      </Page>
    </OperatorsOnly>
  );
}

export function Actor() {
  return (
    <OperatorsOnly>
      <Suspense fallback={<Loading />}>
        <ActorView />
      </Suspense>
    </OperatorsOnly>
  );
}
