// The versions of a workflow: look at one, compare two, go back to one.
import { useState } from "react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { RotateCcw } from "lucide-react";
import { api, ask } from "@/api/client";
import type { Schemas } from "@/api/types";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { cx } from "@/ui/classes";
import { Dialog } from "@/ui/dialog";
import { authoredText } from "@/ui/editor/authored";
import { Code } from "@/ui/code";
import { Select } from "@/ui/field";
import { Failure, Loading } from "@/ui/states";
import { Ago } from "@/ui/time";
import { tell } from "@/ui/toast";
import { Changes } from "./changes";
import type { WorkflowRow } from "./data";
import { useCommand, useVersion, useVersions } from "./data";
import { shortHash, sourceWords } from "./words";

type VersionRow = Schemas["VersionRow"];

export function Versions({ row }: { row: WorkflowRow }) {
  const versions = useVersions(row.id);
  // The version that is looked at, and the one that it is compared with; null is none.
  const [shown, setShown] = useState<string | null>(null);
  const [against, setAgainst] = useState<string | null | undefined>(undefined);
  const [backTo, setBackTo] = useState<VersionRow | null>(null);
  if (versions.isError) return <Failure error={versions.error} onRetry={() => void versions.refetch()} className="m-4" />;
  if (versions.data === undefined) return <Loading what="Loading the versions" />;
  const items = versions.data.items;
  const at = Math.max(0, items.findIndex((one) => one.hash === shown));
  const version = items[at];
  if (version === undefined) return null;
  // A version is compared with the one before it, unless another was chosen.
  const base = against === undefined ? items[at + 1]?.hash : (against ?? undefined);
  return (
    <div className="flex min-h-0 flex-1 flex-col md:flex-row">
      <ol aria-label="Versions" className="max-h-52 shrink-0 overflow-y-auto border-b border-line bg-surface md:max-h-none md:w-72 md:border-r md:border-b-0">
        {items.map((one) => (
          <li key={one.hash}>
            <button
              type="button"
              aria-current={one === version}
              onClick={() => {
                setShown(one.hash);
                setAgainst(undefined);
              }}
              className={cx("flex w-full flex-col gap-0.5 border-b border-line px-3 py-2 text-left hover:bg-sunken", one === version && "bg-accent-soft")}
            >
              <span className="flex items-center gap-2 text-sm font-medium">
                {one.version}
                <span className="font-mono text-xs font-normal text-soft">{shortHash(one.hash)}</span>
                {one.current && <Badge tone="good">current</Badge>}
              </span>
              <span className="text-xs text-soft">
                {sourceWords[one.source]}, {one.by.name}, <Ago at={one.at} />
              </span>
            </button>
          </li>
        ))}
      </ol>
      <div className="min-h-0 min-w-0 flex-1 overflow-auto p-4">
        <div className="mb-3 flex flex-wrap items-center gap-2">
          <h2 className="text-sm font-semibold">
            Version {version.version} <span className="font-mono text-xs font-normal text-soft">{shortHash(version.hash)}</span>
          </h2>
          <div className="flex items-center gap-2 text-sm text-soft">
            <label htmlFor="against" className="whitespace-nowrap">
              compared with
            </label>
            <div className="w-48">
              <Select id="against" value={base ?? ""} onChange={(event) => setAgainst(event.target.value === "" ? null : event.target.value)}>
                <option value="">nothing</option>
              {items
                .filter((one) => one !== version)
                .map((one) => (
                  <option key={one.hash} value={one.hash}>
                    {one.version}, {shortHash(one.hash)}
                    {one.current ? ", current" : ""}
                  </option>
                ))}
              </Select>
            </div>
          </div>
          {!version.current && (
            <Button small className="ml-auto" icon={<RotateCcw size={14} aria-hidden />} onClick={() => setBackTo(version)}>
              Go back to this version
            </Button>
          )}
        </div>
        {base === undefined || base === version.hash ? <Text id={row.id} hash={version.hash} /> : <Compared id={row.id} from={base} to={version.hash} />}
      </div>
      {backTo !== null && <Rollback row={row} to={backTo} onClose={() => setBackTo(null)} />}
    </div>
  );
}

function Text({ id, hash }: { id: string; hash: string }) {
  const version = useVersion(id, hash);
  if (version.isError) return <Failure error={version.error} onRetry={() => void version.refetch()} />;
  if (version.data === undefined) return <Loading what="Loading the version" />;
  return <Code text={authoredText(version.data.definition)} language="yaml" className="max-h-none" />;
}

function Compared({ id, from, to }: { id: string; from: string; to: string }) {
  const [before, after] = [useVersion(id, from), useVersion(id, to)];
  const diff = useQuery({
    queryKey: ["workflow", id, "diff", from, to],
    queryFn: () => ask(api.GET("/api/workflows/{id}/diff", { params: { path: { id }, query: { from, to } } })),
  });
  const failed = [before, after, diff].find((one) => one.isError);
  if (failed !== undefined) return <Failure error={failed.error} onRetry={() => void failed.refetch()} />;
  if (before.data === undefined || after.data === undefined || diff.data === undefined) return <Loading what="Comparing" />;
  return <Changes changes={diff.data.changes} before={before.data.definition} after={after.data.definition} />;
}

function Rollback({ row, to, onClose }: { row: WorkflowRow; to: VersionRow; onClose: () => void }) {
  const cache = useQueryClient();
  const command = useCommand(
    (hash: string, header) => ask(api.POST("/api/workflows/{id}/rollback", { params: { path: { id: row.id }, header }, body: { hash } })),
    (saved) => {
      tell.done(saved.outcome === "already_at_version" ? "It is the current version already." : `${row.name} is at version ${saved.version.version} again.`);
      void cache.invalidateQueries({ queryKey: ["workflow"] });
      onClose();
    },
  );
  return (
    <Dialog
      wide
      title={`Go back to version ${to.version}?`}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Keep the current version</Button>
          <Button look="primary" busy={command.isPending} onClick={() => command.mutate(to.hash)}>
            Go back
          </Button>
        </>
      }
    >
      <p className="mb-3 text-sm">New runs will use it. Runs that are under way go on with the version that they began with, and no version is lost. This is what changes:</p>
      <Compared id={row.id} from={row.hash} to={to.hash} />
    </Dialog>
  );
}
