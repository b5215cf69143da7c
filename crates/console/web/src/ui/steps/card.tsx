// One step of a run as a card: what it is, how it stands, what it was given, what it gave, and what stands inside it.
import type { ReactNode } from "react";
import { ChevronRight, History } from "lucide-react";
import type { ApprovalView, Usage } from "@/api/types";
import { Badge } from "@/ui/badge";
import { cx } from "@/ui/classes";
import { Elapsed, span } from "@/ui/time";
import type { Decided, OnDecide } from "./approval";
import { StepBody } from "./body";
import { Fold, useFold } from "./fold";
import { KindIcon, Standing, isContainer, kindWord, standingOf } from "./kind";
import { StepProblem } from "./problem";
import type { StepLike } from "./read";
import { about, began, brief, counted, isOver, tokens } from "./read";
import type { OnResolve } from "./unknown";

export interface StepCardProps {
  /** The last attempt. */
  step: StepLike;
  /** The attempts before it, oldest first. */
  earlier?: readonly StepLike[];
  /** Renders what belongs to an earlier attempt, such as its messages. */
  renderEarlier?: (step: StepLike) => ReactNode;
  /** What stands inside: messages, or the steps of a container. */
  children?: ReactNode;
  /** What runs when it has failed for good. */
  caught?: ReactNode;
  /** What it has printed so far: live while it runs, and all that is left of it when it was ended before it could say more. */
  printed?: string | undefined;
  persona?: string | undefined;
  /** Where in loops it stands: `2 of 5`. */
  iteration?: string | undefined;
  model?: string | undefined;
  approval?: ApprovalView | undefined;
  decided?: Decided | undefined;
  onDecide?: OnDecide | undefined;
  onResolve?: OnResolve | undefined;
  onPath?: ((path: string) => void) | undefined;
  /** A link to the run that this step has started. */
  childLink?: ReactNode;
  /** More in the head, at its end. */
  actions?: ReactNode;
  /** One line of many: it is open only while somebody needs to look. */
  dense?: boolean;
  selected?: boolean;
  /** Names the step among all on the page; under it is remembered whether it is open. */
  remember: string;
  id?: string;
}

/** Tells whether a step is to be seen without opening it. */
function usuallyOpen({ step, dense, approval }: StepCardProps): boolean {
  const { phase, kind } = step;
  if (phase === "failed" || phase === "unknown" || phase === "held" || phase === "asked" || approval !== undefined) return true;
  if (phase === "skipped" || kind === "set" || kind === "stop") return false;
  if (dense) return !isOver(step) && kind === "agent_prompt";
  return true;
}

export function StepCard(props: StepCardProps) {
  const { step, earlier = [], caught, children, dense = false, selected = false, remember, id } = props;
  const [open, setOpen] = useFold(remember, usuallyOpen(props));
  const heading = `${id ?? remember}-name`;
  return (
    <section
      id={id}
      aria-labelledby={heading}
      data-step={step.path}
      className={cx(
        "min-w-0 rounded-lg border bg-surface",
        selected ? "border-accent ring-1 ring-accent" : standingOf(step).tone === "bad" ? "border-bad" : "border-line",
        dense && !selected && "border-transparent bg-transparent",
      )}
    >
      <Head {...props} heading={heading} open={open} onToggle={() => setOpen(!open)} />
      {open && (
        <div className={cx("flex min-w-0 flex-col gap-2 pb-2.5", dense ? "pl-1" : "px-3")}>
          <StepBody {...props} />
          <StepProblem step={step} onPath={props.onPath} />
          {children}
          {caught}
          {earlier.length > 0 && <Earlier {...props} earlier={earlier} />}
        </div>
      )}
    </section>
  );
}

interface HeadProps extends StepCardProps {
  heading: string;
  open: boolean;
  onToggle: () => void;
}

function Head({ step, earlier = [], persona, iteration, model, actions, dense = false, heading, open, onToggle }: HeadProps) {
  const line = about(step);
  const named = model ?? step.usage?.model ?? undefined;
  // Where the body says it in full, the head says it only while the body is closed.
  const told = line !== undefined && (!open || isContainer(step.kind) || step.kind === "wait" || step.kind === "set" || step.kind === "stop");
  // On a narrow screen the name and how it stands are the first line, and the facts the second.
  const second = dense ? "" : "max-sm:order-last";
  return (
    <header className={cx("flex min-w-0 flex-wrap items-center gap-x-2 gap-y-1", dense ? "py-0.5" : "px-3 py-2")}>
      <button
        type="button"
        aria-expanded={open}
        aria-label={`${open ? "Close" : "Open"} ${step.name}`}
        onClick={onToggle}
        className="-ml-1 rounded p-0.5 text-soft hover:bg-sunken hover:text-ink"
      >
        <ChevronRight size={15} aria-hidden className={cx("transition-transform", open && "rotate-90")} />
      </button>
      <KindIcon step={step} small={dense} />
      <h3 id={heading} className={cx("min-w-0 truncate text-sm", dense ? "font-medium" : "font-semibold max-sm:flex-1")}>
        {step.name}
      </h3>
      {!dense && <span aria-hidden className="hidden basis-full max-sm:order-last max-sm:block" />}
      <span className={cx("flex flex-wrap items-center gap-x-2 gap-y-1 text-xs text-soft", second)}>
        <span className={cx(dense && "sr-only")}>{kindWord(step.kind)}</span>
        {persona !== undefined && <Badge title="The persona that the agent takes on">{persona}</Badge>}
        {iteration !== undefined && <Badge title="The round of the loop">{iteration}</Badge>}
        {earlier.length > 0 && (
          <Badge tone="warn" title={`Attempt ${step.attempt}`}>
            <History size={12} aria-hidden />
            attempt {step.attempt}
          </Badge>
        )}
        {step.round !== undefined && step.round !== null && step.round > 0 && (
          <Badge title="Its structured reply was wrong, and it was asked again">asked {counted(step.round + 1, "time")}</Badge>
        )}
      </span>
      {told && (
        <span className={cx("min-w-0 flex-[1_1_3rem] truncate text-xs text-soft", second, (step.kind === "bash" || step.kind === "conditional") && "font-mono")} title={line}>
          {brief(line)}
        </span>
      )}
      <span className={cx("ml-auto flex flex-wrap items-center justify-end gap-x-2 text-xs text-soft tabular-nums", second)}>
        {named !== undefined && <span className="max-w-40 truncate">{named}</span>}
        <Used {...step.usage} />
        <Took step={step} />
      </span>
      {dense && step.phase === "completed" ? <span className="sr-only">completed</span> : <Standing step={step} />}
      {actions}
    </header>
  );
}

function Used({ input_tokens: read = 0, output_tokens: written = 0 }: Usage) {
  if (read + written === 0) return null;
  return (
    <span title={`${read} tokens in, ${written} out`}>
      {tokens(read)} in · {tokens(written)} out
    </span>
  );
}

function Took({ step }: { step: StepLike }) {
  if (step.duration_ms !== undefined && step.duration_ms !== null) {
    // What needs nobody takes no time worth saying.
    return step.duration_ms < 50 && step.kind !== "bash" ? null : <span>{span(step.duration_ms)}</span>;
  }
  const since = began(step);
  return isOver(step) || since === undefined ? null : <Elapsed since={since} />;
}

function Earlier({ earlier, renderEarlier, remember, onPath }: StepCardProps & { earlier: readonly StepLike[] }) {
  return (
    <Fold title={counted(earlier.length, "previous attempt")} remember={`${remember}/earlier`}>
      <ol className="flex flex-col gap-2">
        {earlier.map((step) => (
          <li key={step.attempt} className="flex min-w-0 flex-col gap-1.5 rounded-md border border-line p-2.5">
            <p className="flex flex-wrap items-center gap-2 text-xs text-soft">
              <span className="font-medium text-ink">Attempt {step.attempt}</span>
              <Standing step={step} />
              <Took step={step} />
            </p>
            <StepBody step={step} remember={`${remember}#${step.attempt}`} />
            <StepProblem step={step} superseded onPath={onPath} />
            {renderEarlier?.(step)}
          </li>
        ))}
      </ol>
    </Fold>
  );
}
