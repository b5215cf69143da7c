// One step of the timeline: its card with all that stands inside it, or a line as long as it has not begun.
import type { ReactNode } from "react";
import { memo, useEffect, useMemo, useRef } from "react";
import { Link } from "@tanstack/react-router";
import { RotateCcw } from "lucide-react";
import type { StepView } from "@/api/types";
import { logOf } from "@/live/run/log";
import type { BodyNode, StepNode } from "@/live/run/tree";
import { isOver } from "@/live/run/tree";
import { IconButton } from "@/ui/button";
import { cx } from "@/ui/classes";
import { Fold } from "@/ui/steps/fold";
import { Iterations } from "@/ui/steps/iterations";
import { KindIcon, isContainer, kindWord } from "@/ui/steps/kind";
import { StepCard } from "@/ui/steps/card";
import { field, number } from "@/ui/steps/read";
import { Json } from "@/ui/json";
import * as act from "./act";
import { AwaitedEvent } from "./event";
import { remembered, useAround } from "./shown";

export function Steps({ nodes, dense = false }: { nodes: readonly StepNode[]; dense?: boolean }) {
  return (
    <ol className={cx("flex min-w-0 flex-col", dense ? "gap-1" : "gap-2")}>
      {nodes.map((node) => (
        <li key={node.path} className="min-w-0">
          {node.row === undefined ? <Unbegun node={node} /> : <Begun node={node} row={node.row} dense={dense} />}
        </li>
      ))}
    </ol>
  );
}

function Begun({ node, row, dense }: { node: StepNode; row: StepView; dense: boolean }) {
  const { shown, looked, onLook, onRetry, onLog, logs, mayDecide } = useAround();
  const box = useRef<HTMLDivElement>(null);
  const runs = !shown.past && !isOver(row.phase) && (row.kind === "bash" || row.kind === "tool") && row.turn !== undefined && row.turn !== null;
  useLookedAt(box, runs, onLog);
  const approval = row.approval === undefined || row.approval === null || isOver(row.phase) ? undefined : shown.approvals.get(row.approval);
  const decided = row.approval === undefined || row.approval === null ? undefined : shown.decided.get(row.approval);
  return (
    <div ref={box} data-node={node.path}>
      <StepCard
        step={row}
        earlier={node.earlier}
        dense={dense}
        selected={looked === node.path}
        remember={remembered(shown.run.id, node.path)}
        printed={shown.past || row.turn === undefined || row.turn === null ? undefined : logOf(logs, row.turn)}
        approval={approval}
        decided={decided}
        onDecide={approval !== undefined && mayDecide(approval) ? act.decide : undefined}
        onResolve={shown.past ? undefined : act.resolve(shown.run.id)}
        onPath={onLook}
        childLink={
          row.child === undefined || row.child === null ? undefined : (
            <Link to="/runs/$run" params={{ run: row.child }} className="text-accent underline underline-offset-2">
              Open the run that it started
            </Link>
          )
        }
        actions={
          onRetry !== undefined && (
            <IconButton small label={`Retry from ${row.name}`} onClick={() => onRetry(node.path)}>
              <RotateCcw size={14} aria-hidden />
            </IconButton>
          )
        }
        caught={node.caught !== undefined && !node.caught.passed ? <Body body={node.caught} title="What runs when it fails" /> : undefined}
      >
        <Inside node={node} row={row} />
      </StepCard>
    </div>
  );
}

/** What stands inside a step, and what can be done about it. */
function Inside({ node, row }: { node: StepNode; row: StepView }): ReactNode {
  const { shown } = useAround();
  const event = field(row.input, "event");
  return (
    <>
      {row.kind === "wait" && typeof event === "string" && !isOver(row.phase) && !shown.past && <AwaitedEvent run={shown.run.id} event={event} />}
      {row.phase === "asked" && (
        <p className="text-sm">
          A call of its agent waits for a person:{" "}
          <Link to="/approvals" className="text-accent underline underline-offset-2">
            decide it among the approvals
          </Link>
          .
        </p>
      )}
      {row.phase === "held" && (
        <p className="text-sm">
          A budget is used up:{" "}
          <Link to="/approvals" className="text-accent underline underline-offset-2">
            raise it among the approvals
          </Link>
          .
        </p>
      )}
      {node.step.type === "loop" ? <Rounds node={node} row={row} /> : node.bodies.map((body) => <Body key={body.place} body={body} title={titleOf(node, body)} />)}
      {!isContainer(row.kind) && <Given row={row} />}
    </>
  );
}

const titleOf = (node: StepNode, body: BodyNode): string => (node.step.type === "conditional" ? (body.place === "then" ? "When it holds" : "When it does not") : body.label);

/** What the step was given, and what it gave, as they are. */
const Given = memo(function Given({ row }: { row: StepView }) {
  const { shown } = useAround();
  const has = (value: unknown) => value !== undefined && value !== null && !(typeof value === "object" && Object.keys(value).length === 0);
  const remember = `${remembered(shown.run.id, row.path)}#${row.attempt}`;
  return (
    <div className="flex flex-wrap gap-x-4">
      {has(row.input) && (
        <Fold title="Input" remember={`${remember}/input`}>
          <Json value={row.input} depth={2} />
        </Fold>
      )}
      {has(row.output) && (
        <Fold title="Output" remember={`${remember}/output`}>
          <Json value={row.output} depth={2} />
        </Fold>
      )}
    </div>
  );
});

function Body({ body, title }: { body: BodyNode; title: string }) {
  const { shown } = useAround();
  const { passed, standing } = body;
  return (
    <div role="group" aria-label={title} className="min-w-0 border-l-2 border-line pl-3">
      <p className="mb-1.5 flex items-center gap-2 text-xs font-medium text-soft">
        {title}
        {passed && <span className="font-normal">{body.place === "catch" ? "not needed" : "not taken"}</span>}
        {!passed && shown.over && standing.word === "not begun" && <span className="font-normal">never begun</span>}
      </p>
      {!passed && <Steps nodes={body.nodes} />}
    </div>
  );
}

function Rounds({ node, row }: { node: StepNode; row: StepView }) {
  const { shown, reveal } = useAround();
  // The same wish is one object for as long as it stands, so that it is granted once.
  const show = useMemo(() => roundOf(reveal?.path, node.path), [reveal, node.path]);
  const bodies = new Map(node.bodies.map((body) => [body.index, body]));
  if (bodies.size === 0) return isOver(row.phase) ? <p className="text-sm text-soft">There was nothing to go through.</p> : null;
  const alone = node.step.bodies.find((body) => body.place === "each")?.steps.length === 1;
  return (
    <Iterations
      remember={`${remembered(shown.run.id, node.path)}/rounds`}
      iterations={node.bodies.map((body) => ({ index: body.index, ...body.standing }))}
      of={number(field(row.input, "items"))}
      show={show}
      render={({ index }, single) => <Steps nodes={bodies.get(index)?.nodes ?? []} dense={!single && (alone || bodies.size > 3)} />}
    />
  );
}

/** Returns the round of a loop that a step stands in; none for a step elsewhere. */
function roundOf(path: string | undefined, loop: string): { index: number } | undefined {
  const round = path?.startsWith(`${loop}:i`) === true ? /^:i(\d+)\//.exec(path.slice(loop.length)) : null;
  return round === null ? undefined : { index: Number(round[1]) };
}

function Unbegun({ node }: { node: StepNode }) {
  const { shown, looked, onLook } = useAround();
  return (
    <div data-node={node.path} data-step={node.path}>
      <button
        type="button"
        onClick={() => onLook(node.path)}
        aria-pressed={looked === node.path}
        className={cx(
          "flex w-full min-w-0 items-center gap-2 rounded-lg border border-dashed px-3 py-1.5 text-left text-sm text-soft hover:bg-sunken",
          looked === node.path ? "border-accent" : "border-line",
        )}
      >
        <KindIcon step={{ kind: node.step.type, phase: "skipped" }} />
        <span className="min-w-0 truncate">{node.step.title}</span>
        <span className="text-xs">{kindWord(node.step.type)}</span>
        <span className="ml-auto shrink-0 text-xs">{shown.over ? "never begun" : "not begun"}</span>
      </button>
    </div>
  );
}

/** Says that a log is looked at for as long as the card that shows it is on the screen. */
function useLookedAt(box: React.RefObject<HTMLElement | null>, wanted: boolean, onLog: () => () => void): void {
  useEffect(() => {
    const element = box.current;
    if (element === null || !wanted) return;
    let end: (() => void) | undefined;
    const watch = new IntersectionObserver(([entry]) => {
      if (entry?.isIntersecting === true) end ??= onLog();
    });
    watch.observe(element);
    return () => {
      watch.disconnect();
      end?.();
    };
  }, [box, wanted, onLog]);
}
