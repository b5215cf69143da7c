// A step whose runner was lost: nobody knows whether it was done, and a person says.
import { useState } from "react";
import { CircleHelp } from "lucide-react";
import type { Schemas } from "@/api/types";
import { Button } from "@/ui/button";
import { Field, Textarea } from "@/ui/field";
import { Failure } from "@/ui/states";
import { Clock } from "@/ui/time";
import type { StepLike } from "./read";

export type ResolveStep = Schemas["ResolveStep"];

/** Sends what became of a step; it throws what the server refuses. */
export type OnResolve = (answer: ResolveStep) => Promise<unknown>;

/** Reads what a person says that the step gave: JSON, or else a text. Nothing is nothing. */
export function given(written: string): unknown {
  if (written.trim() === "") return null;
  try {
    return JSON.parse(written) as unknown;
  } catch {
    return written;
  }
}

export function UnknownOutcome({ step, onResolve }: { step: StepLike; onResolve?: OnResolve | undefined }) {
  return (
    <div className="flex min-w-0 flex-col gap-2 rounded-md border border-bad bg-surface p-3 text-sm">
      <p className="flex items-start gap-2">
        <CircleHelp size={17} className="mt-0.5 shrink-0 text-bad" aria-hidden />
        <span>
          <strong className="font-medium">Nobody knows whether this was done.</strong> Its runner was lost while it worked. Look for its traces, then say what became of it
          {step.until !== undefined && step.until !== null && (
            <>
              {" "}
              before <Clock at={step.until} />
            </>
          )}
          .
        </span>
      </p>
      {onResolve !== undefined && <Answers step={step} onResolve={onResolve} />}
    </div>
  );
}

function Answers({ step, onResolve }: { step: StepLike; onResolve: OnResolve }) {
  const [succeeding, setSucceeding] = useState(false);
  const [output, setOutput] = useState("");
  const [sending, setSending] = useState<string | null>(null);
  const [refused, setRefused] = useState<unknown>(null);
  const send = async (answer: ResolveStep) => {
    setSending(answer.answer);
    setRefused(null);
    try {
      await onResolve(answer);
    } catch (error) {
      setRefused(error);
    } finally {
      setSending(null);
    }
  };
  const { path } = step;
  return (
    <>
      {refused !== null && <Failure error={refused} />}
      <div className="flex flex-wrap gap-2">
        <Button small busy={sending === "retry"} disabled={sending !== null} onClick={() => void send({ path, answer: "retry" })}>
          It was not done: run it again
        </Button>
        <Button small aria-expanded={succeeding} disabled={sending !== null} onClick={() => setSucceeding(!succeeding)}>
          It was done …
        </Button>
        <Button small look="danger" busy={sending === "fail"} disabled={sending !== null} onClick={() => void send({ path, answer: "fail" })}>
          Let it fail
        </Button>
      </div>
      {succeeding && (
        <div className="flex flex-col gap-2">
          <Field label="What it gave" hint="JSON, or a text. Later steps read it as the step's output; leave it empty when none does.">
            {(control) => <Textarea {...control} value={output} onChange={(event) => setOutput(event.target.value)} className="font-mono text-xs" />}
          </Field>
          <Button
            small
            look="primary"
            className="self-start"
            busy={sending === "succeed"}
            disabled={sending !== null}
            onClick={() => void send({ path, answer: "succeed", output: given(output) })}
          >
            Go on with this
          </Button>
        </div>
      )}
    </>
  );
}
