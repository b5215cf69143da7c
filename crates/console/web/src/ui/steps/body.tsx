// What is inside a step's card, by the kind of the step.
import type { ReactNode } from "react";
import { Json } from "@/ui/json";
import { Clock, distance, useNow } from "@/ui/time";
import type { Answer } from "./approval";
import { ApprovalCard, Decision } from "./approval";
import type { StepCardProps } from "./card";
import { Fold } from "./fold";
import { CommandLine, LiveOutput, Output, Stream } from "./output";
import type { StepLike } from "./read";
import { command, ended, field, isOver, text } from "./read";
import { Result } from "./result";
import { UnknownOutcome } from "./unknown";

type BodyProps = Pick<StepCardProps, "step" | "printed" | "approval" | "decided" | "onDecide" | "onResolve" | "childLink" | "children" | "remember">;

export function StepBody(props: BodyProps): ReactNode {
  const { step, onResolve } = props;
  return (
    <>
      <Kind {...props} />
      {step.phase === "unknown" && <UnknownOutcome step={step} onResolve={onResolve} />}
      {step.phase === "cancelling" && <p className="text-sm text-soft">It is asked to end.</p>}
    </>
  );
}

function Kind(props: BodyProps): ReactNode {
  const { step, childLink } = props;
  switch (step.kind) {
    case "bash":
      return <Command {...props} />;
    case "tool":
      return command(step.input) !== undefined ? <Command {...props} /> : <Tool {...props} />;
    case "agent_prompt":
      return <Agent {...props} />;
    case "approval":
      return <Asked {...props} />;
    case "notify":
      return <Notice step={step} />;
    case "wait":
      return <Wait step={step} />;
    case "set":
      return <Given value={step.output} label="Variables" />;
    case "stop":
      return <Given value={step.output} />;
    case "workflow":
      return (
        <>
          {childLink !== undefined && <p className="text-sm">{childLink}</p>}
          <Given value={step.output} label="What it gave" />
        </>
      );
    case "loop":
      return <Collected output={step.output} />;
    // What is inside says it all.
    case "conditional":
    case "parallel":
      return null;
    default:
      return <Given value={step.output} />;
  }
}

function Command({ step, printed, remember }: BodyProps) {
  const line = command(step.input);
  const end = ended(step.output);
  return (
    <>
      {line !== undefined && <CommandLine command={line} />}
      {end !== undefined ? <Output ended={end} told={step.error != null} remember={remember} /> : <Printed step={step} text={printed} remember={remember} />}
    </>
  );
}

function Printed({ step, text: printed, remember }: { step: StepLike; text: string | undefined; remember: string }) {
  if (printed === undefined) return null;
  if (!isOver(step)) return <LiveOutput text={printed} />;
  return printed === "" ? null : <Stream name="Output" text={printed} remember={`${remember}/out`} />;
}

function Tool({ step, printed, remember }: BodyProps) {
  const tool = text(field(step.input, "tool"));
  const given = field(step.input, "arguments");
  const end = ended(step.output);
  return (
    <>
      {tool !== undefined && (
        <p className="text-sm">
          Calls <code className="font-mono text-xs">{tool}</code>
        </p>
      )}
      {typeof given === "object" && given !== null && Object.keys(given).length > 0 && (
        <Fold title="Arguments">
          <Json value={given} />
        </Fold>
      )}
      {end !== undefined ? <Output ended={end} told={step.error != null} remember={remember} /> : <Printed step={step} text={printed} remember={remember} />}
      {end === undefined && <Given value={step.output} />}
    </>
  );
}

/** Its messages say what the agent said; without them, what it was asked stands here, and what it gave as a text. */
function Agent({ step, children }: BodyProps) {
  const response = field(step.output, "response");
  const prompt = text(field(step.input, "prompt"));
  const bare = children === undefined || children === null;
  const structured = typeof response === "object" && response !== null;
  return (
    <>
      {bare && prompt !== undefined && (
        <Fold title="Prompt">
          <p className="text-sm wrap-anywhere whitespace-pre-wrap">{prompt}</p>
        </Fold>
      )}
      {structured && <Result value={response} raw={bare ? text(field(step.output, "text")) : undefined} />}
      {bare && typeof response === "string" && <p className="text-sm wrap-anywhere whitespace-pre-wrap">{response}</p>}
      {field(step.output, "awaited") === false && <p className="text-sm text-soft">The prompt is in the queue; the run goes on without waiting for the reply.</p>}
    </>
  );
}

function Asked({ step, approval, decided, onDecide }: BodyProps) {
  if (approval !== undefined) return <ApprovalCard approval={approval} onDecide={onDecide} />;
  const prompt = text(field(step.input, "prompt"));
  const given = decided ?? decision(step);
  return (
    <>
      {prompt !== undefined && <p className="text-sm wrap-anywhere whitespace-pre-wrap">{prompt}</p>}
      {given !== undefined && <Decision decided={given} />}
      {given === undefined && !isOver(step) && <p className="text-sm text-soft">It waits for a decision.</p>}
    </>
  );
}

/** Reads how it was decided out of what the step gave. */
function decision(step: StepLike): Answer | undefined {
  const word = field(step.output, "decision");
  if (word !== "approved" && word !== "denied") return undefined;
  const [by, reason] = [text(field(step.output, "decidedBy")), text(field(step.output, "reason"))];
  return { decision: word, by: by === undefined ? null : { name: by }, reason: reason ?? null };
}

function Notice({ step }: { step: StepLike }) {
  const content = text(field(step.input, "content"));
  const target = field(step.input, "target");
  return (
    <>
      {content !== undefined && <p className="border-l-2 border-line-strong pl-2.5 text-sm wrap-anywhere whitespace-pre-wrap">{content}</p>}
      {target !== undefined && <p className="text-xs text-soft">To {typeof target === "string" ? (target === "orchestrator" ? "the orchestrator" : target) : JSON.stringify(target)}</p>}
    </>
  );
}

function Wait({ step }: { step: StepLike }) {
  if (isOver(step)) {
    const payload = field(step.output, "payload");
    if (field(step.output, "timed_out") === true) return <p className="text-sm text-soft">The event has not come in time.</p>;
    return payload === undefined || payload === null ? null : <Given value={payload} label="What came with the event" />;
  }
  return step.until === undefined || step.until === null ? null : <Until at={step.until} event={text(field(step.input, "event"))} />;
}

function Until({ at, event }: { at: number; event: string | undefined }) {
  const now = useNow();
  return (
    <p className="text-sm text-soft">
      {event === undefined ? "Until" : "At most until"} <Clock at={at} className="text-ink" />, {distance(at, now)}.
    </p>
  );
}

/** What a loop has gathered. */
function Collected({ output }: { output: unknown }) {
  const results = field(output, "results");
  if (!Array.isArray(results) || results.length === 0 || results.every((result) => result === null)) return null;
  return (
    <Fold title={`Collected: ${results.length}`}>
      <Result value={results} label="Collected" />
    </Fold>
  );
}

function Given({ value, label }: { value: unknown; label?: string }) {
  if (value === undefined || value === null || (typeof value === "object" && Object.keys(value).length === 0)) return null;
  return <Result value={value} {...(label === undefined ? {} : { label })} />;
}
