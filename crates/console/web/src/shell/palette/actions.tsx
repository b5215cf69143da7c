// What one can do from anywhere.
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { api, ask, freshKey, keyed } from "@/api/client";
import { places } from "@/shell/keys";
import { signOut } from "@/shell/sign-out";
import { setTheme } from "@/shell/theme";
import { tell } from "@/ui/toast";
import type { Entry } from "./entries";

const operatorTabs = [
  ["actors", "Actors"],
  ["runners", "Runners"],
  ["sandboxes", "Sandboxes"],
  ["server", "Writer and store"],
  ["stuck", "What is stuck"],
  ["connectors", "Health of connectors"],
  ["audit", "Audit"],
] as const;

const accountTabs = [
  ["tokens", "Tokens"],
  ["people", "People"],
  ["personas", "Personas"],
  ["connectors", "Connectors"],
] as const;

/** Returns the places and actions that the palette offers. */
export function useActions({ admin, help, fold }: { admin: boolean; help: () => void; fold: () => void }): Entry[] {
  const navigate = useNavigate();
  const cache = useQueryClient();
  const newSession = async () => {
    // Sent again after a pause of the network it is the same session.
    const headers = keyed(freshKey());
    try {
      const opened = await ask(api.POST("/api/sessions", { params: { header: headers }, body: {} }));
      await navigate({ to: "/sessions/$session", params: { session: opened.id } });
    } catch (error) {
      tell.failed(error);
    }
  };
  const pages = Object.entries(places)
    .filter(([, place]) => admin || place.admin !== true)
    .map(([key, place]): Entry => ({ id: place.to, group: "Pages", name: place.name, keys: `g ${key}`, to: place.to }));
  const inside = (page: string, of: string, tabs: readonly (readonly [string, string])[]) =>
    tabs.map(([tab, name]): Entry => ({ id: `${page}${tab}`, group: "Pages", name: `${of}: ${name}`, to: `${page}?tab=${tab}` }));
  return [
    { id: "new-session", group: "Actions", name: "New session", act: () => void newSession() },
    { id: "new-workflow", group: "Actions", name: "New workflow", to: "/workflows/new" },
    { id: "theme-light", group: "Actions", name: "Theme: light", act: () => setTheme("light") },
    { id: "theme-dark", group: "Actions", name: "Theme: dark", act: () => setTheme("dark") },
    { id: "theme-system", group: "Actions", name: "Theme: as the system has it", act: () => setTheme("system") },
    { id: "fold", group: "Actions", name: "Fold or unfold the sidebar", keys: "[", act: fold },
    { id: "help", group: "Actions", name: "Show all shortcuts", keys: "?", act: help },
    { id: "fresh", group: "Actions", name: "Read everything on this page afresh", act: () => void cache.invalidateQueries() },
    { id: "sign-out", group: "Actions", name: "Sign out", act: () => void signOut() },
    ...pages,
    ...(admin ? inside("/operators", "Operators", operatorTabs) : []),
    { id: "/account", group: "Pages", name: "Account", to: "/account" },
    ...inside("/account", "Account", accountTabs),
  ];
}
