// What a run is, how it stands, and what can be done with it as a whole.
import type { ReactNode } from "react";
import { useState } from "react";
import { Link } from "@tanstack/react-router";
import { Ban, MessagesSquare, Pause, Play, RotateCcw } from "lucide-react";
import type { ExecutionView } from "@/api/types";
import { useRows } from "@/live/feed";
import type { LineState } from "@/live/line";
import { LineWords } from "@/shell/connection";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Field, Textarea } from "@/ui/field";
import { Failure } from "@/ui/states";
import { RunStatus, isRunOver } from "@/ui/status";
import { counted, tokens } from "@/ui/steps/read";
import { Ago, Elapsed } from "@/ui/time";
import { tell } from "@/ui/toast";
import * as act from "./act";
import { ledBy } from "./words";

export function Beside({ run, line }: { run: ExecutionView; line: LineState }) {
  return (
    <>
      <RunStatus status={run.status} />
      {run.test === true && <Badge tone="accent">test</Badge>}
      <span className="text-sm text-soft tabular-nums">
        <span className="sr-only">Elapsed: </span>
        <Elapsed since={run.started_at} until={run.ended_at ?? null} />
      </span>
      <span role="status" className="text-xs">
        {/* A run that is over tells nothing more. */}
        {!isRunOver(run.status) && <LineWords line={line} />}
      </span>
    </>
  );
}

export function Actions({ run, onRetry }: { run: ExecutionView; onRetry: () => void }) {
  const [cancelling, setCancelling] = useState(false);
  const [busy, setBusy] = useState(false);
  const does = (what: Promise<unknown>) => {
    setBusy(true);
    what.catch(tell.failed).finally(() => setBusy(false));
  };
  const { status } = run;
  const held = status === "paused" || status === "pausing";
  // What has completed is not taken up again; it is started anew.
  if (status === "completed") return null;
  if (isRunOver(status)) {
    return (
      <Button look="primary" icon={<RotateCcw size={15} aria-hidden />} onClick={onRetry}>
        Retry …
      </Button>
    );
  }
  return (
    <>
      {status !== "cancelling" && (
        <>
          <Button icon={held ? <Play size={15} aria-hidden /> : <Pause size={15} aria-hidden />} busy={busy} onClick={() => does(held ? act.resume(run.id) : act.pause(run.id))}>
            {held ? "Resume" : "Pause"}
          </Button>
          <Button look="danger" icon={<Ban size={15} aria-hidden />} onClick={() => setCancelling(true)}>
            Cancel …
          </Button>
        </>
      )}
      {cancelling && <CancelDialog run={run} onClose={() => setCancelling(false)} />}
    </>
  );
}

function CancelDialog({ run, onClose }: { run: ExecutionView; onClose: () => void }) {
  const [reason, setReason] = useState("");
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<unknown>(null);
  const cancel = async () => {
    setBusy(true);
    setRefused(null);
    try {
      await act.cancel(run.id, reason.trim());
      onClose();
    } catch (error) {
      setRefused(error);
      setBusy(false);
    }
  };
  return (
    <Dialog
      title="Cancel the run?"
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Let it run</Button>
          <Button look="danger" busy={busy} onClick={() => void cancel()}>
            Cancel the run
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3">
        <p className="text-sm">What is under way is asked to end; what has been done stays done. It can be retried from where it was.</p>
        <Field label="Reason" hint="Others see it with the run.">
          {(control) => <Textarea {...control} value={reason} maxLength={1000} onChange={(event) => setReason(event.target.value)} />}
        </Field>
        {refused !== null && <Failure error={refused} />}
      </div>
    </Dialog>
  );
}

/** The facts of a run, in one line that wraps. */
export function Facts({ run }: { run: ExecutionView }) {
  const retries = useRows("execution").filter((row) => row.retry_of === run.id);
  const { input_tokens: read = 0, output_tokens: written = 0 } = run.usage;
  return (
    <ul aria-label="About the run" className="flex flex-wrap gap-x-4 gap-y-1 pb-2.5 text-xs text-soft">
      <li>
        Started <Ago at={run.started_at} className="text-ink" /> {ledBy(run)}
      </li>
      <li>
        Version{" "}
        {run.workflow === undefined || run.workflow === null ? (
          <span title={run.hash}>
            {run.version}, not of a stored workflow
          </span>
        ) : (
          <Link to="/workflows/$workflow" params={{ workflow: run.slug }} search={{ tab: "versions" }} className={linkLook} title={run.hash}>
            {run.version} of {run.slug}
          </Link>
        )}
      </li>
      <li title="Steps started, of how many it may start" className="tabular-nums">
        {counted(run.steps_started, "step")} of at most {run.max_steps}
      </li>
      {read + written > 0 && (
        <li title={`${read} tokens in, ${written} out`} className="tabular-nums">
          {tokens(read)} tokens in, {tokens(written)} out{run.usage.model ? `, ${run.usage.model}` : ""}
        </li>
      )}
      {run.session !== undefined && run.session !== null && (
        <li>
          <Link to="/sessions/$session" params={{ session: run.session }} className={`${linkLook} inline-flex items-center gap-1`}>
            <MessagesSquare size={13} aria-hidden /> Its chat
          </Link>
        </li>
      )}
      {run.parent !== undefined && run.parent !== null && <Other run={run.parent}>The run that started it</Other>}
      {run.retry_of !== undefined && run.retry_of !== null && <Other run={run.retry_of}>The run that it takes up again</Other>}
      {retries.map((row) => (
        <Other key={row.id} run={row.id}>
          Taken up again <Ago at={row.started_at} />
        </Other>
      ))}
    </ul>
  );
}

const linkLook = "text-accent underline underline-offset-2";

function Other({ run, children }: { run: string; children: ReactNode }) {
  return (
    <li>
      <Link to="/runs/$run" params={{ run }} className={linkLook}>
        {children}
      </Link>
    </li>
  );
}
