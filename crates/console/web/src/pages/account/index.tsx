// What belongs to the one who is signed in: how the console looks, credentials, people, personas, connectors.
import { useNavigate, useSearch } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { Page } from "@/ui/page";
import { Tabs } from "@/ui/tabs";
import { Connectors } from "./connectors";
import { People } from "./people";
import { Personas } from "./personas";
import { Tokens } from "./tokens";
import { You } from "./you";

const tabs = [
  { key: "you", label: "You" },
  { key: "tokens", label: "Tokens" },
  { key: "people", label: "People" },
  { key: "personas", label: "Personas" },
  { key: "connectors", label: "Connectors" },
] as const;
type Key = (typeof tabs)[number]["key"];

const panels: Record<Key, () => ReactNode> = {
  you: () => <You />,
  tokens: () => <Tokens />,
  people: () => <People />,
  personas: () => <Personas />,
  connectors: () => <Connectors />,
};

export function Account() {
  const search = useSearch({ from: "/account" });
  const navigate = useNavigate();
  const current = tabs.find((tab) => tab.key === search.tab)?.key ?? "you";
  return (
    <Page
      title="Account"
      below={<Tabs label="Account" tabs={tabs} current={current} panel="account" onChange={(tab) => void navigate({ to: "/account", search: { tab }, replace: true })} />}
    >
      <div id="account" role="tabpanel" aria-label={tabs.find((tab) => tab.key === current)?.label} className="mx-auto max-w-4xl">
        {panels[current]()}
      </div>
    </Page>
  );
}
