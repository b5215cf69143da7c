// Every place of the console. A page is loaded when somebody goes there.
import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from "@tanstack/react-router";
import { readFilters } from "@/pages/runs/filters";
import { Frame } from "@/shell/frame";
import { Empty, Failure, Loading } from "@/ui/states";

const root = createRootRoute({ component: Frame });
const under = () => root;

const home = createRoute({
  getParentRoute: under,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/sessions" });
  },
});
const sessions = createRoute({ getParentRoute: under, path: "/sessions", component: lazyRouteComponent(() => import("@/pages/sessions"), "Sessions") });
const session = createRoute({ getParentRoute: () => sessions, path: "$session", component: lazyRouteComponent(() => import("@/pages/sessions"), "Chat") });
const runs = createRoute({ getParentRoute: under, path: "/runs", validateSearch: readFilters, component: lazyRouteComponent(() => import("@/pages/runs"), "Runs") });
const run = createRoute({
  getParentRoute: under,
  path: "/runs/$run",
  // What is looked at: a step's path, and the record that the scrubber stands at.
  validateSearch: (search: Record<string, unknown>): { step?: string; seq?: number } => ({
    ...(typeof search.step === "string" ? { step: search.step } : {}),
    ...(typeof search.seq === "number" ? { seq: search.seq } : {}),
  }),
  component: lazyRouteComponent(() => import("@/pages/runs"), "Run"),
});
const workflows = createRoute({ getParentRoute: under, path: "/workflows", component: lazyRouteComponent(() => import("@/pages/workflows"), "Workflows") });
const workflowNew = createRoute({ getParentRoute: under, path: "/workflows/new", component: lazyRouteComponent(() => import("@/pages/workflows"), "NewWorkflow") });
const workflow = createRoute({
  getParentRoute: under,
  path: "/workflows/$workflow",
  validateSearch: tabbed,
  component: lazyRouteComponent(() => import("@/pages/workflows"), "Workflow"),
});
const workflowEdit = createRoute({
  getParentRoute: under,
  path: "/workflows/$workflow/edit",
  component: lazyRouteComponent(() => import("@/pages/workflows"), "EditWorkflow"),
});
const triggers = createRoute({ getParentRoute: under, path: "/triggers", component: lazyRouteComponent(() => import("@/pages/triggers"), "Triggers") });
const trigger = createRoute({
  getParentRoute: under,
  path: "/triggers/$trigger",
  validateSearch: tabbed,
  component: lazyRouteComponent(() => import("@/pages/triggers"), "Trigger"),
});
const approvals = createRoute({
  getParentRoute: under,
  path: "/approvals",
  validateSearch: tabbed,
  component: lazyRouteComponent(() => import("@/pages/approvals"), "Approvals"),
});
const operators = createRoute({
  getParentRoute: under,
  path: "/operators",
  // Which kind of actors is listed, and whether only those in memory are.
  validateSearch: (search: Record<string, unknown>): { tab?: string; kind?: string; awake?: boolean } => ({
    ...tabbed(search),
    ...(typeof search.kind === "string" ? { kind: search.kind } : {}),
    ...(search.awake === true ? { awake: true } : {}),
  }),
  component: lazyRouteComponent(() => import("@/pages/operators"), "Operators"),
});
const actor = createRoute({
  getParentRoute: under,
  path: "/operators/$kind/$id",
  // The records that are looked at: a state, what changed since another, and where the journal's page begins.
  validateSearch: (search: Record<string, unknown>): { tab?: string; seq?: number; since?: number; from?: number } => ({
    ...tabbed(search),
    ...(typeof search.seq === "number" ? { seq: search.seq } : {}),
    ...(typeof search.since === "number" ? { since: search.since } : {}),
    ...(typeof search.from === "number" ? { from: search.from } : {}),
  }),
  component: lazyRouteComponent(() => import("@/pages/operators"), "Actor"),
});
const account = createRoute({
  getParentRoute: under,
  path: "/account",
  validateSearch: tabbed,
  component: lazyRouteComponent(() => import("@/pages/account"), "Account"),
});

/** Which tab of a page is open. */
function tabbed(search: Record<string, unknown>): { tab?: string } {
  return typeof search.tab === "string" ? { tab: search.tab } : {};
}

export const router = createRouter({
  routeTree: root.addChildren([
    home,
    sessions.addChildren([session]),
    runs,
    run,
    workflows,
    workflowNew,
    workflow,
    workflowEdit,
    triggers,
    trigger,
    approvals,
    operators,
    actor,
    account,
  ]),
  defaultPreload: "intent",
  defaultPendingComponent: () => <Loading />,
  defaultErrorComponent: ({ error, reset }) => <Failure error={error} onRetry={reset} className="m-4" />,
  defaultNotFoundComponent: () => <Empty title="There is nothing at this address" />,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
