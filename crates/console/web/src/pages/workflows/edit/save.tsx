// Saves what stands in the editor: shows what would change, and says so when somebody else has saved meanwhile.
import { useMemo, useState } from "react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { api, ask, freshKey, keyed } from "@/api/client";
import { ProblemError } from "@/api/problem";
import type { Schemas } from "@/api/types";
import { Button } from "@/ui/button";
import { CopyButton } from "@/ui/copy";
import { Dialog } from "@/ui/dialog";
import { authoredText } from "@/ui/editor/authored";
import { Diff } from "@/ui/editor/diff";
import { Failure, Loading } from "@/ui/states";
import type { WorkflowView } from "../data";
import { useCommand } from "../data";
import { shortHash } from "../words";
import { asIs, asYaml } from "./checking";
import { TriggerChoice } from "./trigger-choice";
import { makeTrigger, noTrigger } from "./trigger-wish";

interface SaveProps {
  text: string;
  name: string;
  slug: string;
  /** The workflow that is edited; null for a new one. */
  of: WorkflowView | null;
  /** The version that was edited from. */
  base: string | null;
  onSaved: (slug: string, version: string) => void;
  onClose: () => void;
}

export function SaveDialog({ text, name, slug, of, base, onSaved, onClose }: SaveProps) {
  const cache = useQueryClient();
  // What is there now is read anew: the editor may have been open for long.
  const id = of?.id ?? slug;
  const [look] = useState(freshKey);
  const now = useQuery({
    queryKey: ["workflow", id, "before-saving", look],
    queryFn: () => current(id),
    gcTime: 0,
  });
  const [wish, setWish] = useState(noTrigger);
  const [made, setMade] = useState<Schemas["SavedTrigger"] | null>(null);
  const [saved, setSaved] = useState<Schemas["SavedWorkflow"] | null>(null);
  const before = now.data ?? null;
  const moved = before !== null && before.hash !== base;

  const trigger = useCommand(
    ({ slug: to }: { wish: typeof wish; slug: string }, header) => makeTrigger(wish, name, to, header),
    (trigger, { slug: to }) => {
      // An address and a secret are shown before one goes on.
      if (trigger?.address) setMade(trigger);
      else onSaved(to, saved?.version.version ?? "");
    },
    () => undefined,
  );
  const save = useCommand(
    (_: { text: string; expected: string | null }, header) => put(of, text, before?.hash ?? null, header),
    (done) => {
      void cache.invalidateQueries({ queryKey: ["workflow"] });
      setSaved(done);
      if (of !== null || wish.kind === "none") onSaved(done.slug, done.version.version);
      else trigger.mutate({ wish, slug: done.slug });
    },
    (error) => {
      if (error instanceof ProblemError && error.code === "version_moved") void now.refetch();
    },
  );

  if (made !== null && saved !== null) return <Made trigger={made} onClose={() => onSaved(saved.slug, saved.version.version)} />;
  const busy = save.isPending || trigger.isPending;
  const again = saved !== null && trigger.isError;
  return (
    <Dialog
      wide
      title={of === null ? "Save the new workflow" : `Save ${name}`}
      onClose={onClose}
      actions={
        <>
          <Button onClick={again ? () => onSaved(saved.slug, saved.version.version) : onClose}>{again ? "Go on without it" : "Go on editing"}</Button>
          {again ? (
            <Button look="primary" busy={busy} onClick={() => trigger.mutate({ wish, slug: saved.slug })}>
              Make the trigger
            </Button>
          ) : (
            <Button look="primary" busy={busy} disabled={now.data === undefined} onClick={() => save.mutate({ text, expected: before?.hash ?? null })}>
              {moved ? (of === null ? "Save as a new version" : "Save over it") : "Save"}
            </Button>
          )}
        </>
      }
    >
      <div className="flex flex-col gap-4">
        {now.isError ? <Failure error={now.error} onRetry={() => void now.refetch()} /> : now.data === undefined ? <Loading what="Looking what is there" /> : <What text={text} before={before} of={of} moved={moved} base={base} slug={slug} />}
        {of === null && <TriggerChoice wish={wish} onChange={setWish} />}
        {/(^|\s)#/.test(text) && <p className="text-xs text-soft">The server keeps what the definition says, not how it is written: comments are not kept.</p>}
        {save.isError && <Failure error={save.error} />}
        {trigger.isError && (
          <div className="flex flex-col gap-1">
            <p className="text-sm">The workflow is saved. The trigger could not be made:</p>
            <Failure error={trigger.error} />
            <TriggerMistakes error={trigger.error} />
          </div>
        )}
      </div>
    </Dialog>
  );
}

function What({ text, before, of, moved, base, slug }: { text: string; before: WorkflowView | null; of: WorkflowView | null; moved: boolean; base: string | null; slug: string }) {
  const there = useMemo(() => (before === null ? "" : authoredText(before.definition)), [before]);
  if (before === null) {
    return (
      <p className="text-sm">
        {of === null ? "It" : "The workflow was deleted meanwhile; it"} will be saved as <span className="font-mono text-xs">{slug}</span>.
      </p>
    );
  }
  return (
    <div className="flex flex-col gap-2">
      {moved && (
        <p role="alert" className="rounded-md bg-warn-soft px-3 py-2 text-sm text-warn">
          {of === null ? (
            <>
              There is a workflow <span className="font-mono text-xs">{slug}</span> already. Saving makes this its new version; with another name or slug it becomes a workflow of its own.
            </>
          ) : (
            <>
              A newer version was saved meanwhile: {before.version}, {shortHash(before.hash)}. You began from {base === null ? "nothing" : shortHash(base)}. What you see below is what saving would change in the newer one; nothing of it is lost, for every version is kept.
            </>
          )}
        </p>
      )}
      <Diff before={there} after={text} label="What saving changes" />
    </div>
  );
}

function Made({ trigger, onClose }: { trigger: Schemas["SavedTrigger"]; onClose: () => void }) {
  const address = trigger.address?.url ?? new URL(trigger.address?.path ?? "", location.origin).href;
  return (
    <Dialog
      title="Saved, and it listens"
      onClose={onClose}
      actions={
        <Button look="primary" onClick={onClose}>
          Done
        </Button>
      }
    >
      <div className="flex flex-col gap-3 text-sm">
        <p>{trigger.words}</p>
        <Secret label="Address" text={address} />
        {trigger.secret && <Secret label="Secret: it is shown here, and nowhere again" text={trigger.secret} />}
      </div>
    </Dialog>
  );
}

function Secret({ label, text }: { label: string; text: string }) {
  return (
    <div>
      <p className="text-xs text-soft">{label}</p>
      <p className="flex items-center gap-2 rounded-md bg-sunken px-2 py-1">
        <span className="min-w-0 flex-1 font-mono text-xs break-all">{text}</span>
        <CopyButton text={text} />
      </p>
    </div>
  );
}

function TriggerMistakes({ error }: { error: unknown }) {
  const mistakes = error instanceof ProblemError ? (error.problem.errors ?? []) : [];
  return mistakes.map((mistake, n) => (
    <p key={n} className="text-xs text-bad">
      {mistake.message}
      {mistake.fix ? `: ${mistake.fix}` : ""}
    </p>
  ));
}

/** Returns the workflow as it is now; null when there is none. */
async function current(id: string): Promise<WorkflowView | null> {
  try {
    return await ask(api.GET("/api/workflows/{id}", { params: { path: { id } } }));
  } catch (error) {
    if (error instanceof ProblemError && error.problem.status === 404) return null;
    throw error;
  }
}

/** Saves, unless the current version is another than the one that was looked at. */
function put(of: WorkflowView | null, text: string, expected: string | null, header: ReturnType<typeof keyed>): Promise<Schemas["SavedWorkflow"]> {
  const headers = { ...asYaml, ...(expected === null ? {} : { "If-Match": `"${expected}"` }) };
  const options = { body: text, bodySerializer: asIs, headers };
  if (of !== null && expected !== null) return ask(api.PUT("/api/workflows/{id}", { ...options, params: { path: { id: of.id }, header } }));
  return ask(api.POST("/api/workflows/sync", { ...options, params: { header } }));
}
