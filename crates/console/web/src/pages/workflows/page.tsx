// One workflow: what it does, how it came to be so, what is asked of it, and how it went.
import { useState } from "react";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useQueryClient } from "@tanstack/react-query";
import { Pencil, Play, Trash2 } from "lucide-react";
import { api, ask } from "@/api/client";
import { useRow } from "@/live/feed";
import { Badge } from "@/ui/badge";
import { Button, IconButton } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { authoredText } from "@/ui/editor/authored";
import { Page } from "@/ui/page";
import { Failure, Loading } from "@/ui/states";
import { Tabs } from "@/ui/tabs";
import { tell } from "@/ui/toast";
import type { WorkflowView } from "./data";
import { useCommand, useWorkflow } from "./data";
import { DefinitionTab } from "./definition";
import { DiagramTab } from "./diagram";
import { Proposals } from "./proposals";
import { RunDialog } from "./run-dialog";
import { Runs } from "./runs";
import { EnabledSwitch } from "./switch";
import { Triggers, useTriggersOf } from "./triggers";
import { Versions } from "./versions";

type Key = "diagram" | "definition" | "versions" | "proposals" | "runs" | "triggers";
const KEYS: readonly Key[] = ["diagram", "definition", "versions", "proposals", "runs", "triggers"];

export default function WorkflowPage() {
  const { workflow } = useParams({ from: "/workflows/$workflow" });
  const view = useWorkflow(workflow);
  if (view.data !== undefined) return <Loaded key={view.data.id} view={view.data} />;
  return <Page title="Workflow">{view.isError ? <Failure error={view.error} onRetry={() => void view.refetch()} /> : <Loading what="Loading the workflow" rows={6} />}</Page>;
}

function Loaded({ view }: { view: WorkflowView }) {
  const row = useRow("workflow", view.id) ?? view;
  const { tab } = useSearch({ from: "/workflows/$workflow" });
  const navigate = useNavigate();
  const triggers = useTriggersOf(row);
  const [open, setOpen] = useState<"run" | "delete" | null>(null);
  const current = KEYS.find((key) => key === tab) ?? "diagram";
  const close = () => setOpen(null);
  const tabs = [
    { key: "diagram", label: "Diagram" },
    { key: "definition", label: "Definition" },
    { key: "versions", label: counted("Versions", row.versions) },
    { key: "proposals", label: row.proposals > 0 ? <Waiting count={row.proposals} /> : "Proposals" },
    { key: "runs", label: "Runs" },
    { key: "triggers", label: counted("Triggers", triggers.length) },
  ] as const;
  return (
    <Page
      title={row.name}
      beside={
        <>
          <span className="font-mono text-xs text-soft">{row.slug}</span>
          <Badge title={row.hash}>version {row.version}</Badge>
          <EnabledSwitch row={row} words />
        </>
      }
      actions={
        <>
          <IconButton label="Delete the workflow" onClick={() => setOpen("delete")}>
            <Trash2 size={16} aria-hidden />
          </IconButton>
          <Link to="/workflows/$workflow/edit" params={{ workflow: row.slug }} className="inline-flex h-9 items-center gap-1.5 rounded-md border border-line bg-surface px-3 text-sm font-medium hover:bg-sunken">
            <Pencil size={15} aria-hidden />
            Edit
          </Link>
          <Button look="primary" icon={<Play size={15} aria-hidden />} disabled={!row.enabled} title={row.enabled ? undefined : "It is disabled: enable it first"} onClick={() => setOpen("run")}>
            Run
          </Button>
        </>
      }
      below={
        <Tabs
          label="About the workflow"
          tabs={tabs}
          current={current}
          panel="workflow-tab"
          onChange={(key) => void navigate({ to: "/workflows/$workflow", params: { workflow: row.slug }, search: { tab: key }, replace: true })}
        />
      }
      bare
    >
      <div id="workflow-tab" role="tabpanel" aria-label={current} className="flex min-h-0 flex-1 flex-col">
        {current === "diagram" && <DiagramTab view={view} />}
        {current === "definition" && <DefinitionTab view={view} />}
        {current === "versions" && <Versions row={row} />}
        {current === "proposals" && <Proposals view={view} />}
        {current === "runs" && <Runs row={row} onRun={() => setOpen("run")} />}
        {current === "triggers" && <Triggers triggers={triggers} slug={row.slug} />}
      </div>
      {open === "run" && <RunDialog title={`Run ${row.name}`} definition={view.definition} of={{ workflow: view.id, hash: view.hash }} onClose={close} />}
      {open === "delete" && <Delete view={view} triggers={triggers.length} onClose={close} />}
    </Page>
  );
}

const counted = (word: string, count: number) => (
  <>
    {word}
    {count > 0 && <span className="text-xs text-soft">{count}</span>}
  </>
);

function Waiting({ count }: { count: number }) {
  return (
    <>
      Proposals
      <span className="rounded-full bg-warn-soft px-1.5 text-xs font-semibold text-warn" aria-label={`${count} waiting`}>
        {count}
      </span>
    </>
  );
}

function Delete({ view, triggers, onClose }: { view: WorkflowView; triggers: number; onClose: () => void }) {
  const navigate = useNavigate();
  const cache = useQueryClient();
  const command = useCommand(
    (_: null, header) => ask(api.DELETE("/api/workflows/{id}", { params: { path: { id: view.id }, header } })),
    () => {
      tell.done(`${view.name} was deleted.`);
      void navigate({ to: "/workflows" });
      cache.removeQueries({ queryKey: ["workflow", view.slug] });
    },
  );
  const save = () => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([authoredText(view.definition)], { type: "application/yaml" }));
    link.download = `${view.slug}.yaml`;
    link.click();
    URL.revokeObjectURL(link.href);
  };
  return (
    <Dialog
      title={`Delete ${view.name}?`}
      onClose={onClose}
      actions={
        <>
          <Button onClick={save}>Save it as a file first</Button>
          <Button onClick={onClose}>Keep it</Button>
          <Button look="danger" busy={command.isPending} onClick={() => command.mutate(null)}>
            Delete it
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-2 text-sm">
        <p>It goes off the lists, and nothing starts it any more. Runs that are under way go on.</p>
        {triggers > 0 && <p>{triggers === 1 ? "One trigger names it and will fail" : `${triggers} triggers name it and will fail`} to start it.</p>}
        <p className="text-soft">Saving the definition under the same slug again brings it back with its versions.</p>
      </div>
    </Dialog>
  );
}
