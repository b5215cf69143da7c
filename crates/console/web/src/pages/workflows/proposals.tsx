// Changes that somebody has asked for, agents above all: look at what would change, approve or reject, apply.
import { useState } from "react";
import { useQueryClient } from "@tanstack/react-query";
import { api, ask } from "@/api/client";
import type { Schemas } from "@/api/types";
import type { Tone } from "@/ui/badge";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { cx } from "@/ui/classes";
import { Field, Textarea } from "@/ui/field";
import { isFields } from "@/ui/flow/steps";
import { Empty, Failure, Loading } from "@/ui/states";
import { Ago } from "@/ui/time";
import { tell } from "@/ui/toast";
import { Changes } from "./changes";
import type { WorkflowView } from "./data";
import { useCommand, useProposal, useProposals, useVersion } from "./data";
import { shortHash } from "./words";

type Row = Schemas["ProposalRow"];

const looks: Record<Schemas["ProposalStatus"], { tone: Tone; word: string }> = {
  pending: { tone: "warn", word: "waits for review" },
  approved: { tone: "busy", word: "approved, not applied" },
  rejected: { tone: "plain", word: "rejected" },
  applied: { tone: "good", word: "applied" },
  failed: { tone: "bad", word: "failed" },
  expired: { tone: "plain", word: "expired" },
};

export function Proposals({ view }: { view: WorkflowView }) {
  const proposals = useProposals(view.id);
  const [chosen, setChosen] = useState<string | null>(null);
  if (proposals.isError) return <Failure error={proposals.error} onRetry={() => void proposals.refetch()} className="m-4" />;
  if (proposals.data === undefined) return <Loading what="Loading the proposals" />;
  const items = proposals.data.items;
  const row = items.find((one) => one.id === chosen) ?? items[0];
  if (row === undefined) return <Nothing view={view} />;
  return (
    <div className="flex min-h-0 flex-1 flex-col md:flex-row">
      <ol aria-label="Proposals" className="max-h-52 shrink-0 overflow-y-auto border-b border-line bg-surface md:max-h-none md:w-72 md:border-r md:border-b-0">
        {items.map((one) => (
          <li key={one.id}>
            <button
              type="button"
              aria-current={one === row}
              onClick={() => setChosen(one.id)}
              className={cx("flex w-full flex-col items-start gap-0.5 border-b border-line px-3 py-2 text-left hover:bg-sunken", one === row && "bg-accent-soft")}
            >
              <span className="line-clamp-2 text-sm font-medium">{one.note ?? "No reason given"}</span>
              <span className="text-xs text-soft">
                {one.by.name}, <Ago at={one.at} />
              </span>
              <Badge tone={looks[one.status].tone}>{looks[one.status].word}</Badge>
            </button>
          </li>
        ))}
      </ol>
      <div className="min-h-0 min-w-0 flex-1 overflow-auto p-4">
        <Proposal key={row.id} row={row} view={view} />
      </div>
    </div>
  );
}

function Nothing({ view }: { view: WorkflowView }) {
  const constraints = isFields(view.definition) ? view.definition.constraints : undefined;
  const open = isFields(constraints) && constraints.allow_self_modification === true;
  return (
    <Empty title="Nobody has asked for a change">
      {open ? (
        "Agents at work in runs may propose changes to this workflow. They show up here, and nothing changes before a person has approved."
      ) : (
        <>
          This workflow takes no proposals. With <code className="font-mono text-xs">{"constraints: {allow_self_modification: true}"}</code> in its definition, agents at work in its runs may propose changes, which a person reviews here.
        </>
      )}
    </Empty>
  );
}

function Proposal({ row, view }: { row: Row; view: WorkflowView }) {
  const proposal = useProposal(view.id, row.id);
  const open = row.status === "pending" || row.status === "approved";
  // What is over is shown against what it changed, what is open against what is there now.
  const base = useVersion(view.id, open ? undefined : row.base);
  const before = open || base.isError ? view.definition : base.data?.definition;
  return (
    <div className="flex flex-col gap-4">
      <div>
        <h2 className="font-semibold wrap-anywhere">{row.note ?? "No reason given"}</h2>
        <p className="text-sm text-soft">
          {row.by.name} asked for it <Ago at={row.at} />, as a change of version <span className="font-mono text-xs">{shortHash(row.base)}</span>
          {open && (
            <>
              ; it expires <Ago at={row.expires_at} />
            </>
          )}
          .
        </p>
        {row.reviewed_by && (
          <p className="text-sm text-soft">
            {row.reviewed_by.name} {row.status === "rejected" ? "rejected" : "approved"} it{row.review_note ? `: ${row.review_note}` : "."}
          </p>
        )}
        {row.why && <p className="mt-1 text-sm text-bad wrap-anywhere">{row.why}</p>}
        {open && row.base !== view.hash && (
          <p role="status" className="mt-2 rounded-md bg-warn-soft px-3 py-2 text-sm text-warn">
            The workflow has changed since: this was asked for version {shortHash(row.base)}, and {shortHash(view.hash)} is the current one. It cannot be applied any more; reject it, and have it proposed again.
          </p>
        )}
      </div>
      {open && <Deciding row={row} view={view} />}
      {proposal.isError ? (
        <Failure error={proposal.error} onRetry={() => void proposal.refetch()} />
      ) : proposal.data === undefined || before === undefined ? (
        <Loading what="Loading the change" />
      ) : (
        <Changes changes={open ? proposal.data.changes : []} before={before} after={proposal.data.definition} />
      )}
    </div>
  );
}

function Deciding({ row, view }: { row: Row; view: WorkflowView }) {
  const cache = useQueryClient();
  const [note, setNote] = useState("");
  const again = () => void cache.invalidateQueries({ queryKey: ["workflow"] });
  const path = { id: view.id, proposal: row.id };
  const review = useCommand(
    (body: Schemas["ReviewProposal"], header) => ask(api.POST("/api/workflows/{id}/proposals/{proposal}/review", { params: { path, header }, body })),
    (_, body) => {
      tell.done(body.approve ? "Approved. It changes the workflow when it is applied." : "Rejected.");
      again();
    },
  );
  const apply = useCommand(
    (_: null, header) => ask(api.POST("/api/workflows/{id}/proposals/{proposal}/apply", { params: { path, header } })),
    (saved) => {
      tell.done(`Applied: ${view.name} is at version ${saved.version.version}, ${shortHash(saved.version.hash)}.`);
      again();
    },
    (error) => {
      tell.failed(error);
      again();
    },
  );
  if (row.status === "approved") {
    return (
      <div className="flex flex-wrap items-center gap-3 rounded-lg border border-line bg-surface p-3">
        <p className="min-w-0 flex-1 text-sm">Approved. Applying makes it the current version; runs that are under way go on with theirs.</p>
        <Button look="primary" busy={apply.isPending} disabled={row.base !== view.hash} onClick={() => apply.mutate(null)}>
          Apply
        </Button>
      </div>
    );
  }
  const decide = (approve: boolean) => review.mutate({ approve, ...(note.trim() === "" ? {} : { note: note.trim() }) });
  return (
    <form className="flex flex-col gap-2 rounded-lg border border-line bg-surface p-3" onSubmit={(event) => event.preventDefault()}>
      <Field label="Comment" hint="A person decides, by their own token. Whoever asked can read the comment.">
        {(control) => <Textarea {...control} className="min-h-14" value={note} onChange={(event) => setNote(event.target.value)} placeholder="Why, or what to change" />}
      </Field>
      <div className="flex flex-wrap justify-end gap-2">
        <Button look="danger" busy={review.isPending} onClick={() => decide(false)}>
          Reject
        </Button>
        <Button look="approve" busy={review.isPending} onClick={() => decide(true)}>
          Approve
        </Button>
      </div>
    </form>
  );
}
