// An event that a run waits for, sent by hand.
import { useState } from "react";
import { Send } from "lucide-react";
import { given } from "@/ui/steps/unknown";
import { Button } from "@/ui/button";
import { Field, Textarea } from "@/ui/field";
import { Failure } from "@/ui/states";
import { tell } from "@/ui/toast";
import { sendEvent } from "./act";

export function AwaitedEvent({ run, event }: { run: string; event: string }) {
  const [open, setOpen] = useState(false);
  const [payload, setPayload] = useState("");
  const [sending, setSending] = useState(false);
  const [refused, setRefused] = useState<unknown>(null);
  const send = async () => {
    setSending(true);
    setRefused(null);
    try {
      const { taken } = await sendEvent(run, event, given(payload));
      tell.done(taken ? `The event “${event}” has ended the wait.` : `The event “${event}” is kept until a step waits for it.`);
    } catch (error) {
      setRefused(error);
    } finally {
      setSending(false);
    }
  };
  return (
    <div className="flex min-w-0 flex-col gap-2">
      {refused !== null && <Failure error={refused} />}
      <div className="flex flex-wrap items-center gap-2">
        <Button small icon={<Send size={14} aria-hidden />} busy={sending} onClick={() => void send()}>
          Send “{event}”
        </Button>
        <Button small look="quiet" aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? "Without a payload" : "With a payload …"}
        </Button>
      </div>
      {open && (
        <Field label="Payload" hint="JSON, or a text. Later steps read it as the step's output.">
          {(control) => <Textarea {...control} value={payload} onChange={(change) => setPayload(change.target.value)} spellCheck={false} className="font-mono text-xs" />}
        </Field>
      )}
    </div>
  );
}
