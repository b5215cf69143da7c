// Says in words what a workflow or one of its steps is to do, and has a model write it; what comes is taken or dropped.
import { useEffect, useRef, useState } from "react";
import { Sparkles, Square } from "lucide-react";
import { ProblemError } from "@/api/problem";
import type { Schemas } from "@/api/types";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Diff } from "@/ui/editor/diff";
import { Field, Select, Textarea } from "@/ui/field";
import type { FlowStep } from "@/ui/flow";
import { Failure } from "@/ui/states";
import { Mistakes } from "./mistakes";
import type { Progress } from "./stream";
import { begun, draft, foldDraft } from "./stream";

interface DescribeProps {
  /** What stands in the editor; empty when there is nothing to go on from. */
  base: string;
  steps: readonly FlowStep[];
  /** The path of the step that is looked at. */
  selected: string | null;
  onTake: (definition: string) => void;
}

type State = { is: "idle" } | { is: "drafting"; progress: Progress } | { is: "drafted"; draft: Schemas["Draft"]; of: string } | { is: "failed"; error: unknown };

export function Describe({ base, steps, selected, onTake }: DescribeProps) {
  const [prompt, setPrompt] = useState("");
  const [whole, setWhole] = useState(false);
  const [state, setState] = useState<State>({ is: "idle" });
  const running = useRef<AbortController | null>(null);
  useEffect(() => () => running.current?.abort(), []);
  const step = whole || selected === null ? "" : selected;
  // Ids are unique; the paths that the diagram knows say nothing of iterations, which the server wants to hear of.
  const id = steps.find((one) => one.path === step)?.id;

  const begin = () => {
    const stop = new AbortController();
    running.current = stop;
    setState({ is: "drafting", progress: begun });
    const wish = { prompt, ...(base.trim() === "" ? {} : { base }), ...(id === undefined || step === "" ? {} : { step: id }) };
    draft(wish, (event) => setState((now) => (now.is === "drafting" && !stop.signal.aborted ? { is: "drafting", progress: foldDraft(now.progress, event) } : now)), stop.signal).then(
      (drafted) => {
        if (!stop.signal.aborted) setState({ is: "drafted", draft: drafted, of: base });
      },
      (error: unknown) => setState(stop.signal.aborted ? { is: "idle" } : { is: "failed", error }),
    );
  };

  return (
    <section aria-label="Describe it" className="flex min-h-0 flex-1 flex-col gap-3 overflow-y-auto p-4">
      <form
        className="flex flex-col gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          if (state.is !== "drafting" && prompt.trim() !== "") begin();
        }}
      >
        <Field label="What is it to do?" hint={base.trim() === "" ? "A model writes a definition from it. Nothing is saved." : "A model goes on from what stands in the editor. Nothing is saved, and nothing changes before you take it."}>
          {(control) => (
            <Textarea
              {...control}
              value={prompt}
              onChange={(event) => setPrompt(event.target.value)}
              onKeyDown={(event) => {
                if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) event.currentTarget.form?.requestSubmit();
              }}
              placeholder={base.trim() === "" ? "Every night, run the tests, let the agent mend what fails, and ask me before it commits." : "Ask me before the tag is made, and give up after two days."}
              className="min-h-24"
            />
          )}
        </Field>
        <div className="flex flex-wrap items-end gap-2">
          {base.trim() !== "" && steps.length > 0 && (
            <Field label="What is written anew" className="min-w-48 flex-1">
              {(control) => (
                <Select {...control} value={step} onChange={(event) => setWhole(event.target.value === "")}>
                  <option value="">the whole workflow</option>
                  {selected !== null && <option value={selected}>only the step {steps.find((one) => one.path === selected)?.title ?? selected}</option>}
                </Select>
              )}
            </Field>
          )}
          {state.is === "drafting" ? (
            <Button icon={<Square size={14} aria-hidden />} onClick={() => running.current?.abort()}>
              Stop
            </Button>
          ) : (
            <Button look="primary" type="submit" icon={<Sparkles size={15} aria-hidden />} disabled={prompt.trim() === ""}>
              Draft it
            </Button>
          )}
        </div>
        {base.trim() !== "" && selected === null && <p className="text-xs text-soft">To change one step alone, select it in the diagram first.</p>}
      </form>
      {state.is === "drafting" && <Going progress={state.progress} />}
      {state.is === "failed" && <Troubles error={state.error} />}
      {state.is === "drafted" && (
        <Drafted
          draft={state.draft}
          of={state.of}
          now={base}
          onDrop={() => setState({ is: "idle" })}
          onTake={() => {
            onTake(state.draft.definition);
            setState({ is: "idle" });
            setPrompt("");
          }}
        />
      )}
    </section>
  );
}

function Going({ progress }: { progress: Progress }) {
  const end = useRef<HTMLPreElement>(null);
  useEffect(() => {
    end.current?.scrollTo({ top: end.current.scrollHeight });
  }, [progress.text]);
  return (
    <div className="flex flex-col gap-2">
      <p role="status" className="flex items-center gap-2 text-sm">
        <Badge tone="busy">{progress.checking ? "being judged" : progress.text === "" ? "waiting for the model" : "being written"}</Badge>
        {progress.repairs.length > 0 && <span className="text-soft">round {progress.repairs.length + 1}</span>}
      </p>
      <Rounds repairs={progress.repairs} />
      {/* Scrolled by the keyboard too, so it takes the focus. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <pre ref={end} tabIndex={0} role="region" aria-label="What the model says" className="max-h-80 min-h-16 overflow-auto rounded-md border border-line bg-sunken p-3 font-mono text-xs wrap-anywhere whitespace-pre-wrap">
        {progress.text}
      </pre>
    </div>
  );
}

function Rounds({ repairs }: { repairs: Progress["repairs"] }) {
  return repairs.map((repair) => (
    <details key={repair.repair} className="rounded-md border border-line bg-surface text-sm">
      <summary className="px-3 py-1.5">
        Asked again ({repair.repair} of at most {repair.repairs_max}): {repair.mistakes.length === 1 ? "1 mistake" : `${repair.mistakes.length} mistakes`}
      </summary>
      <Mistakes mistakes={repair.mistakes} />
    </details>
  ));
}

function Troubles({ error }: { error: unknown }) {
  const unset = error instanceof ProblemError && error.code === "draft_unconfigured";
  if (!unset) return <Failure error={error} />;
  return (
    <div role="alert" className="rounded-md bg-warn-soft px-3 py-2 text-sm text-warn">
      <p className="font-medium">This server has no model for drafts.</p>
      <p className="mt-1">Whoever runs it sets one in its configuration, and where its key is:</p>
      <pre className="mt-1 overflow-x-auto font-mono text-xs">{'[draft]\nmodel = "…"\nbase_url = "https://…"\nkey_env = "…"'}</pre>
      <p className="mt-1">
        The same by the environment: <code className="font-mono text-xs">TENURE_DRAFT_MODEL</code>, <code className="font-mono text-xs">TENURE_DRAFT_BASE_URL</code>. Until then, write the definition by hand; the editor helps.
      </p>
    </div>
  );
}

interface DraftedProps {
  draft: Schemas["Draft"];
  /** What it was made from, and what stands in the editor now. */
  of: string;
  now: string;
  onTake: () => void;
  onDrop: () => void;
}

function Drafted({ draft: { definition, valid, mistakes, repairs, usage }, of, now, onTake, onDrop }: DraftedProps) {
  const tokens = (usage.input_tokens ?? 0) + (usage.output_tokens ?? 0);
  return (
    <div className="flex flex-col gap-3">
      <div className="flex flex-wrap items-center gap-2 text-sm">
        <Badge tone={valid ? "good" : "bad"}>{valid ? "valid" : mistakes.length === 1 ? "1 mistake is left" : `${mistakes.length} mistakes are left`}</Badge>
        <span className="text-soft">
          {repairs === 0 ? "at the first try" : repairs === 1 ? "after it was asked again once" : `after it was asked again ${repairs} times`}
          {tokens > 0 && `, ${tokens.toLocaleString()} tokens`}
        </span>
        <span className="ml-auto flex gap-2">
          <Button small onClick={onDrop}>
            Drop it
          </Button>
          <Button small look="primary" onClick={onTake}>
            Take it
          </Button>
        </span>
      </div>
      {of !== now && (
        <p role="status" className="rounded-md bg-warn-soft px-3 py-2 text-sm text-warn">
          The text has changed since this was asked for. Taking it replaces what stands there now.
        </p>
      )}
      {mistakes.length > 0 && <Mistakes mistakes={mistakes} />}
      <Diff before={now} after={definition} label="What the draft changes" />
    </div>
  );
}
