// The files that the agents work on: where the repository stands, what changed, and the way back to an earlier state.
import { useState } from "react";
import { useQuery } from "@tanstack/react-query";
import { GitBranch, History, X } from "lucide-react";
import { api, ask } from "@/api/client";
import type { Schemas } from "@/api/types";
import type { ChatState, Workspace } from "@/live/chat/state";
import { Badge } from "@/ui/badge";
import { Button, IconButton } from "@/ui/button";
import { CopyButton } from "@/ui/copy";
import { Dialog } from "@/ui/dialog";
import { changesOf, Counts, FilePatch } from "@/ui/patch";
import { Empty, Failure, Loading } from "@/ui/states";
import { Ago } from "@/ui/time";
import { useChat, useKnown } from "../context";
import { useMay } from "../rights";
import { useAct } from "./act";

const workspaceOf = (state: ChatState) => state.workspace;

export function WorkspacePanel({ onClose }: { onClose: () => void }) {
  const workspace = useKnown(workspaceOf);
  const [diff, setDiff] = useState(false);
  const files = workspace?.files;
  const some = files !== undefined && files.files.length > 0;
  return (
    <aside aria-label="Workspace" className="fixed inset-0 z-30 flex flex-col bg-surface lg:static lg:w-80 lg:shrink-0 lg:border-l lg:border-line">
      <header className="flex h-12 items-center gap-2 border-b border-line px-3">
        <h2 className="flex-1 text-sm font-semibold">Workspace</h2>
        <IconButton label="Close the workspace" small onClick={onClose}>
          <X size={16} aria-hidden />
        </IconButton>
      </header>
      <div className="min-h-0 flex-1 overflow-y-auto">
        {workspace === null ? (
          <Empty title="Nothing is known of it yet">
            <p>It is told after the first turn that leaves something there.</p>
          </Empty>
        ) : (
          <>
            <Repository workspace={workspace} />
            <section aria-label="Changed files" className="border-b border-line p-3">
              <header className="mb-1.5 flex items-center gap-2">
                <h3 className="flex-1 text-xs font-semibold text-soft">Changed files</h3>
                {some && <Counts added={files.added} removed={files.removed} />}
              </header>
              {some ? <Files changed={files} /> : <p className="text-sm text-soft">None.</p>}
              {some && (
                <Button small className="mt-2" onClick={() => setDiff(true)}>
                  Show the changes
                </Button>
              )}
            </section>
            <Checkpoints workspace={workspace} />
          </>
        )}
      </div>
      {diff && <Diff onClose={() => setDiff(false)} />}
    </aside>
  );
}

function Repository({ workspace: { git, repo } }: { workspace: Workspace }) {
  if (git == null && repo == null) return null;
  return (
    <section aria-label="Repository" className="flex flex-col gap-1 border-b border-line p-3 text-sm">
      {repo != null && <p className="font-mono text-xs wrap-anywhere text-soft">{repo.url}</p>}
      {git != null && (
        <>
          <p className="flex items-center gap-1.5">
            <GitBranch size={14} aria-hidden className="text-soft" />
            <span className="font-medium">{git.branch ?? "no branch"}</span>
            {git.head != null && (
              <>
                <code className="font-mono text-xs text-soft">{git.head.slice(0, 8)}</code>
                <CopyButton text={git.head} label="Copy the commit" />
              </>
            )}
          </p>
          <p className="flex flex-wrap gap-1.5">
            {(git.ahead ?? 0) > 0 && <Badge tone="accent">{git.ahead} ahead</Badge>}
            {(git.behind ?? 0) > 0 && <Badge tone="warn">{git.behind} behind</Badge>}
            {(git.changed ?? 0) > 0 && <Badge>{git.changed} changed</Badge>}
            {(git.added ?? 0) > 0 && <Badge>{git.added} new</Badge>}
          </p>
        </>
      )}
    </section>
  );
}

const marks: Record<Schemas["FileStatus"], { letter: string; look: string }> = {
  added: { letter: "A", look: "text-good" },
  modified: { letter: "M", look: "text-busy" },
  deleted: { letter: "D", look: "text-bad" },
};

function Files({ changed }: { changed: Schemas["FilesChanged"] }) {
  return (
    <ul>
      {changed.files.map((file) => (
        <li key={file.path} className="flex items-center gap-2 py-0.5 text-sm">
          <span className={`font-mono text-xs font-semibold ${marks[file.status].look}`} title={file.status} aria-label={file.status} role="img">
            {marks[file.status].letter}
          </span>
          <span className="min-w-0 flex-1 truncate font-mono text-xs" title={file.path}>
            {file.path}
          </span>
          <Counts added={file.added} removed={file.removed} />
        </li>
      ))}
      {(changed.more ?? 0) > 0 && <li className="text-sm text-soft">and {changed.more} more</li>}
    </ul>
  );
}

function Checkpoints({ workspace }: { workspace: Workspace }) {
  const may = useMay("collaborator");
  const [chosen, setChosen] = useState<{ turn: string | null } | null>(null);
  const checkpoints = [...(workspace.checkpoints ?? [])].reverse();
  if (checkpoints.length === 0) return null;
  return (
    <section aria-label="Checkpoints" className="p-3">
      <h3 className="mb-1.5 text-xs font-semibold text-soft">Checkpoints</h3>
      <ul>
        {checkpoints.map((one, n) => (
          <li key={one.turn} className="flex min-h-8 items-center gap-2 text-sm">
            <History size={14} aria-hidden className="shrink-0 text-soft" />
            <span className="min-w-0 flex-1">
              After a turn, <Ago at={one.at} />
              {n === 0 && <span className="text-soft"> (newest)</span>}
            </span>
            {may && (
              <Button small look="quiet" onClick={() => setChosen({ turn: one.turn })}>
                Restore
              </Button>
            )}
          </li>
        ))}
        <li className="flex min-h-8 items-center gap-2 text-sm">
          <History size={14} aria-hidden className="shrink-0 text-soft" />
          <span className="flex-1">Before the first turn</span>
          {may && (
            <Button small look="quiet" onClick={() => setChosen({ turn: null })}>
              Restore
            </Button>
          )}
        </li>
      </ul>
      {chosen !== null && <Restore turn={chosen.turn} onClose={() => setChosen(null)} />}
    </section>
  );
}

function Restore({ turn, onClose }: { turn: string | null; onClose: () => void }) {
  const { busy, act } = useAct();
  return (
    <Dialog
      title="Restore the files?"
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Leave them</Button>
          <Button look="primary" busy={busy} onClick={() => act({ type: "workspace.restore", turn }, onClose)}>
            Restore
          </Button>
        </>
      }
    >
      <p>
        The files of the workspace are put back {turn === null ? "as they were before the first turn" : "as this turn left them"}. How they are now is kept
        as a checkpoint of its own, so this can be undone.
      </p>
    </Dialog>
  );
}

function Diff({ onClose }: { onClose: () => void }) {
  const chat = useChat();
  // Asked anew each time it is opened: the files go on changing.
  const { data, error, refetch } = useQuery({
    queryKey: ["workspace-diff", chat.session],
    queryFn: () => ask(api.GET("/api/sessions/{id}/workspace/diff", { params: { path: { id: chat.session } } })),
    staleTime: 0,
    gcTime: 0,
  });
  return (
    <Dialog title="Changes in the workspace" wide onClose={onClose}>
      {error !== null ? (
        <Failure error={error} onRetry={() => void refetch()} />
      ) : data === undefined ? (
        <Loading what="Asking the runner" />
      ) : (
        <div className="flex flex-col gap-3">
          {changesOf(data.diff).map((change) => (
            <section key={change.path} aria-label={change.path} className="overflow-hidden rounded-lg border border-line">
              <h3 className="border-b border-line bg-sunken px-3 py-1 font-mono text-xs">{change.path}</h3>
              <FilePatch change={change} className="max-h-[60dvh]" />
            </section>
          ))}
          {data.diff === "" && <p className="text-soft">The files are as the checked out commit has them.</p>}
          {data.cut && <p className="text-sm text-soft">There is more than is shown here.</p>}
        </div>
      )}
    </Dialog>
  );
}
