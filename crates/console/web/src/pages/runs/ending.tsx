// How a run has ended: what went wrong and where, why it was cancelled, or what it gives.
import { Ban, CircleAlert, CircleCheck } from "lucide-react";
import { Fold } from "@/ui/steps/fold";
import { Result } from "@/ui/steps/result";
import { remembered, useAround } from "./shown";

export function Ending({ onLook }: { onLook: (path: string) => void }) {
  const { run } = useAround().shown;
  const outputs = Object.keys(run.outputs).length > 0;
  switch (run.status) {
    case "failed":
      return (
        <section aria-label="Why it failed" className="flex items-start gap-2 rounded-lg border border-bad bg-bad-soft px-3 py-2 text-sm">
          <CircleAlert size={16} className="mt-0.5 shrink-0 text-bad" aria-hidden />
          <div className="min-w-0 flex-1">
            <p className="wrap-anywhere">{run.error?.message ?? run.reason ?? "It failed."}</p>
            {run.error && (
              <p className="mt-0.5 flex flex-wrap items-center gap-x-3 text-xs">
                <span className="font-mono text-bad">{run.error.code}</span>
                <Where path={run.error.step} onLook={onLook} />
              </p>
            )}
          </div>
        </section>
      );
    case "cancelling":
    case "cancelled":
      return run.reason ? (
        <section aria-label="Why it was cancelled" className="flex items-start gap-2 rounded-lg border border-line bg-surface px-3 py-2 text-sm">
          <Ban size={16} className="mt-0.5 shrink-0 text-soft" aria-hidden />
          <p className="min-w-0 flex-1 wrap-anywhere">{run.reason}</p>
        </section>
      ) : null;
    case "completed":
      return outputs ? (
        <section aria-label="What it gives" className="flex items-start gap-2 rounded-lg border border-good bg-surface px-3 py-2 text-sm">
          <CircleCheck size={16} className="mt-0.5 shrink-0 text-good" aria-hidden />
          <div className="min-w-0 flex-1">
            <Fold title="What it gives" remember={remembered(run.id, "outputs")} open>
              <Result value={run.outputs} label="Outputs of the run" />
            </Fold>
          </div>
        </section>
      ) : null;
    default:
      return null;
  }
}

function Where({ path, onLook }: { path: string | null | undefined; onLook: (path: string) => void }) {
  return path === null || path === undefined ? null : (
    <button type="button" onClick={() => onLook(path)} className="text-accent underline underline-offset-2">
      Show the step <span className="font-mono">{path}</span>
    </button>
  );
}
