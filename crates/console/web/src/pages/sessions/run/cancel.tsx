// Asks whether a run is to be ended, and why.
import { useState } from "react";
import { api, ask, freshKey, keyed } from "@/api/client";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Field, Textarea } from "@/ui/field";
import { Failure } from "@/ui/states";

interface CancelRunProps {
  run: string;
  name: string;
  onClose: () => void;
}

export function CancelRun({ run, name, onClose }: CancelRunProps) {
  const [reason, setReason] = useState("");
  const [sending, setSending] = useState(false);
  const [refused, setRefused] = useState<unknown>(null);
  // Sent again after a failure, it is the same request.
  const [key] = useState(freshKey);
  const cancel = async () => {
    setSending(true);
    setRefused(null);
    try {
      const body = reason.trim() === "" ? {} : { reason: reason.trim() };
      await ask(api.POST("/api/executions/{id}/cancel", { params: { path: { id: run }, header: keyed(key) }, body }));
      onClose();
    } catch (error) {
      setRefused(error);
      setSending(false);
    }
  };
  return (
    <Dialog
      title={`Cancel ${name}?`}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Let it run</Button>
          <Button look="danger" busy={sending} onClick={() => void cancel()}>
            Cancel the run
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3">
        <p className="text-sm text-soft">What is under way is asked to end, and nothing more begins. What was done stays done.</p>
        <Field label="Reason" hint="Optional. It is shown with the run.">
          {(control) => <Textarea {...control} value={reason} onChange={(event) => setReason(event.target.value)} maxLength={4000} />}
        </Field>
        {refused !== null && <Failure error={refused} />}
      </div>
    </Dialog>
  );
}
