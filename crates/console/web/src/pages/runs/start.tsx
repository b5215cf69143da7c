// Starts a run of a stored workflow: which one, then what it is given.
import { useState } from "react";
import { Link } from "@tanstack/react-router";
import { useFeedKnown, useRows } from "@/live/feed";
import { useWorkflow } from "@/pages/workflows/data";
import { RunDialog } from "@/pages/workflows/run-dialog";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Input } from "@/ui/field";
import { Empty, Failure, Loading } from "@/ui/states";

export function StartDialog({ onClose }: { onClose: () => void }) {
  const [slug, setSlug] = useState<string | null>(null);
  return slug === null ? <Choose onChoose={setSlug} onClose={onClose} /> : <Start slug={slug} onClose={onClose} />;
}

function Choose({ onChoose, onClose }: { onChoose: (slug: string) => void; onClose: () => void }) {
  const [named, setNamed] = useState("");
  const known = useFeedKnown();
  const rows = useRows("workflow");
  const wanted = named.toLowerCase();
  const fitting = rows.filter((row) => `${row.name} ${row.slug} ${row.description ?? ""}`.toLowerCase().includes(wanted)).sort((a, b) => a.name.localeCompare(b.name));
  return (
    <Dialog title="Start a run" onClose={onClose}>
      {!known ? (
        <Loading what="Loading the workflows" />
      ) : rows.length === 0 ? (
        <Empty
          title="There is no workflow yet"
          action={
            <Link to="/workflows/new" className="text-accent underline underline-offset-2">
              Write one
            </Link>
          }
        >
          Runs are started of workflows that are stored.
        </Empty>
      ) : (
        <div className="flex flex-col gap-3">
          <Input aria-label="Search the workflows" type="search" placeholder="Which workflow?" value={named} onChange={(event) => setNamed(event.target.value)} />
          <ul aria-label="Workflows" className="flex max-h-96 flex-col gap-1 overflow-auto">
            {fitting.map((row) => (
              <li key={row.id}>
                <Button look="quiet" className="h-auto! w-full flex-col items-start! py-1.5! text-left whitespace-normal!" disabled={!row.enabled} onClick={() => onChoose(row.slug)}>
                  <span className="text-ink">
                    {row.name}
                    {!row.enabled && " (disabled)"}
                  </span>
                  {row.description !== undefined && row.description !== null && <span className="text-xs font-normal">{row.description}</span>}
                </Button>
              </li>
            ))}
            {fitting.length === 0 && <li className="p-2 text-sm text-soft">None is called that.</li>}
          </ul>
        </div>
      )}
    </Dialog>
  );
}

function Start({ slug, onClose }: { slug: string; onClose: () => void }) {
  const workflow = useWorkflow(slug);
  if (workflow.data !== undefined) {
    const { name, definition, hash } = workflow.data;
    return <RunDialog title={`Run ${name}`} definition={definition} of={{ workflow: slug, hash }} onClose={onClose} />;
  }
  return (
    <Dialog title="Start a run" onClose={onClose}>
      {workflow.isError ? <Failure error={workflow.error} onRetry={() => void workflow.refetch()} /> : <Loading what="Loading the workflow" />}
    </Dialog>
  );
}
