// A step in the diagram: a button with its kind, its name and how it stands; one that holds others is a box with that button as its head.
import { createContext, memo, use } from "react";
import type { Node, NodeProps } from "@xyflow/react";
import { Handle, Position } from "@xyflow/react";
import type { Tone } from "@/ui/badge";
import { Dot } from "@/ui/badge";
import { cx } from "@/ui/classes";
import { stepLook } from "@/ui/status";
import { NODE_HEIGHT } from "./graph";
import { gistOf, kindOf } from "./kinds";
import type { FlowStep } from "./steps";
import type { FlowStates } from "./view";

export type StepNode = Node<{ step: FlowStep; box: boolean }, "step">;

interface Shared {
  states: FlowStates | undefined;
  selected: string | null;
  onSelect: ((path: string) => void) | undefined;
  /** The path of the one step that the tab key stops at. */
  stop: string | undefined;
}

export const FlowContext = createContext<Shared>({ states: undefined, selected: null, onSelect: undefined, stop: undefined });

const borders: Record<Tone, string> = {
  plain: "border-line-strong",
  accent: "border-accent",
  good: "border-good",
  warn: "border-warn",
  bad: "border-bad",
  busy: "border-busy",
};
const grounds: Record<Tone, string> = {
  plain: "bg-sunken text-soft",
  accent: "bg-accent-soft text-accent",
  good: "bg-good-soft text-good",
  warn: "bg-warn-soft text-warn",
  bad: "bg-bad-soft text-bad",
  busy: "bg-busy-soft text-busy",
};

export const StepBox = memo(function StepBox({ data: { step, box } }: NodeProps<StepNode>) {
  const { selected } = use(FlowContext);
  return (
    <div className={cx("h-full rounded-lg", box && "border bg-ground/60", box && (selected === step.path ? "border-accent" : "border-line"))}>
      <Handle type="target" position={Position.Top} isConnectable={false} />
      <Head step={step} box={box} />
      {box && <Handle id="in" type="source" position={Position.Bottom} isConnectable={false} style={{ top: NODE_HEIGHT - 2, bottom: "auto" }} />}
      <Handle id="next" type="source" position={Position.Bottom} isConnectable={false} />
    </div>
  );
});

function Head({ step, box }: { step: FlowStep; box: boolean }) {
  const { states, selected, onSelect, stop } = use(FlowContext);
  const state = states?.get(step.path);
  const look = state && stepLook(state.phase);
  const { icon: Icon, word } = kindOf(step.type);
  const gist = gistOf(step);
  const chosen = selected === step.path;
  const waits = states !== undefined && state === undefined;
  const count = state?.count !== undefined && state.count > 1 ? state.count : undefined;
  return (
    <button
      type="button"
      data-step={step.path}
      aria-pressed={chosen}
      aria-label={[step.title, word, waits ? "not started" : look?.word, count && `${count} times`].filter(Boolean).join(", ")}
      title={step.title === step.id ? gist : `${step.id}\n${gist}`}
      tabIndex={stop === step.path ? 0 : -1}
      onClick={() => onSelect?.(step.path)}
      style={{ height: NODE_HEIGHT }}
      className={cx(
        "nodrag nopan pointer-events-auto flex w-full items-center gap-2.5 rounded-lg border px-2.5 text-left",
        box ? "border-transparent hover:bg-surface" : "bg-surface shadow-sm hover:bg-raised",
        chosen && "ring-2 ring-accent",
        !box && (look !== undefined ? borders[look.tone] : "border-line"),
        box && look !== undefined && borders[look.tone],
        waits && !box && "border-dashed shadow-none",
      )}
    >
      <span className={cx("flex size-8 shrink-0 items-center justify-center rounded-md", grounds[look?.tone ?? "plain"])}>
        <Icon size={17} aria-hidden />
      </span>
      <span className="min-w-0 flex-1">
        <span className="flex items-center gap-1.5">
          <span className="truncate text-sm leading-5 font-medium">{step.title}</span>
          {step.fields.if !== undefined && (
            <span title={`if ${String(step.fields.if)}`} className="shrink-0 rounded bg-sunken px-1 text-[0.6875rem] leading-4 text-soft">
              if
            </span>
          )}
        </span>
        <span className="flex items-center gap-1.5 text-xs leading-4 text-soft">
          {look === undefined ? (
            <>
              <span className="shrink-0">{waits ? "not started" : word}</span>
              {gist !== "" && !waits && <span className="truncate font-mono text-[0.6875rem]">{gist}</span>}
            </>
          ) : (
            <>
              <Dot tone={look.tone} />
              <span className="truncate">{look.word}</span>
            </>
          )}
        </span>
      </span>
      {count !== undefined && <span className="shrink-0 rounded-full bg-sunken px-1.5 text-xs font-semibold text-soft tabular-nums">×{count}</span>}
    </button>
  );
}
