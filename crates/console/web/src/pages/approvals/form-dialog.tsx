// A dialog with one form: it sends once at a time, and says what was refused where it is.
import type { FormEvent, ReactNode } from "react";
import { useId, useState } from "react";
import { ProblemError } from "@/api/problem";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Failure } from "@/ui/states";
import { readable } from "./value";

interface FormDialogProps {
  title: string;
  verb: string;
  look?: "primary" | "danger";
  disabled?: boolean;
  onClose: () => void;
  onSend: () => Promise<unknown>;
  /** Gets what is wrong with a field by the server's word. */
  children: (wrong: (field: string) => string | null) => ReactNode;
}

export function FormDialog({ title, verb, look = "primary", disabled = false, onClose, onSend, children }: FormDialogProps) {
  const id = useId();
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState<unknown>(null);
  const send = (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setFailed(null);
    onSend()
      .then(onClose, setFailed)
      .finally(() => setBusy(false));
  };
  const problem = failed instanceof ProblemError ? failed.problem : null;
  const wrong = (field: string) => (problem?.field === field ? readable(problem.detail) : null);
  return (
    <Dialog
      title={title}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" form={id} look={look} busy={busy} disabled={disabled}>
            {verb}
          </Button>
        </>
      }
    >
      <form id={id} onSubmit={send} className="flex flex-col gap-3 text-sm">
        {children(wrong)}
        {failed !== null && <Failure error={failed} />}
      </form>
    </Dialog>
  );
}
