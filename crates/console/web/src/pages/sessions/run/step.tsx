// A step of a run in the feed, with what is said in it and the steps inside it.
import { memo } from "react";
import { Link } from "@tanstack/react-router";
import { ExternalLink } from "lucide-react";
import { api, ask, keyed } from "@/api/client";
import type { ApprovalView } from "@/api/types";
import { isBranch, isRound, placeNumber, segments } from "@/live/chat/path";
import type { AttemptNode, Body, StepNode } from "@/live/chat/tree";
import { worst } from "@/live/chat/tree";
import { useMe } from "@/shell/me";
import { cx } from "@/ui/classes";
import type { OnDecide } from "@/ui/steps/approval";
import { StepCard } from "@/ui/steps/card";
import type { Iteration } from "@/ui/steps/iterations";
import { Iterations } from "@/ui/steps/iterations";
import type { StepLike } from "@/ui/steps/read";
import { field, number } from "@/ui/steps/read";
import type { OnResolve } from "@/ui/steps/unknown";
import { useChat } from "../context";
import { stepOf } from "./definition";
import { useRuns } from "./runs";
import { Said, usePrinted } from "./said";

interface StepViewProps {
  node: StepNode;
  /** One of many rounds. */
  dense?: boolean;
}

export const StepView = memo(function StepView({ node, dense = false }: StepViewProps) {
  const { views } = useRuns();
  const view = views.get(node.execution);
  const defined = stepOf(view?.definition, node.id);
  const last = node.attempts.at(-1);
  const step = stepLike(node, last, defined);
  const printed = usePrinted(step.kind === "agent_prompt" ? undefined : last);
  const decide = useDecide(node.approval, view !== undefined);
  const resolve: OnResolve = (body) => ask(api.POST("/api/executions/{id}/resolve", { params: { path: { id: node.execution }, header: keyed() }, body }));
  const named = (attempt: AttemptNode) => `${node.key}#${attempt.number}`;
  const said = (attempt: AttemptNode | undefined, told: StepLike) =>
    attempt !== undefined && told.kind === "agent_prompt" && attempt.rounds.length > 0 ? (
      <Said attempt={attempt} remember={named(attempt)} structured={typeof field(told.output, "response") === "object" && field(told.output, "response") !== null} />
    ) : undefined;
  const attempts = node.attempts.slice(0, -1);
  const inner = node.bodies.filter((body) => body.place !== "catch");
  const caught = node.bodies.find((body) => body.place === "catch");
  return (
    <StepCard
      id={`step-${node.key}`}
      remember={node.key}
      step={step}
      dense={dense}
      earlier={attempts.map((attempt) => stepLike(node, attempt, defined))}
      renderEarlier={(told) => said(attempts.find((attempt) => attempt.number === told.attempt), told)}
      persona={defined?.persona}
      iteration={dense ? undefined : roundOf(node.path)}
      printed={printed}
      approval={node.approval}
      decided={node.decided}
      onDecide={decide}
      onResolve={view === undefined ? undefined : resolve}
      childLink={step.child ? <ChildLink run={step.child} /> : undefined}
      caught={caught && <Group label="Catch" steps={caught.steps} dense={dense} />}
    >
      {said(last, step)}
      {inner.length > 0 && <Bodies node={node} step={step} bodies={inner} dense={dense} />}
    </StepCard>
  );
});

/** What is shown of an attempt: what was told of it or, before that, what its messages say. */
function stepLike(node: StepNode, attempt: AttemptNode | undefined, defined: { name: string; kind: string } | undefined): StepLike {
  if (attempt?.step !== undefined) return attempt.step;
  const said = attempt?.rounds.at(-1);
  const finish = said?.messages.find((message) => message.role === "assistant")?.finish;
  return {
    ...{ path: node.path, attempt: attempt?.number ?? 1, at: node.first, name: defined?.name ?? node.id, kind: defined?.kind ?? "" },
    phase: said?.open !== undefined ? "taken" : finish === "end_turn" ? "completed" : finish === "canceled" ? "cancelled" : finish ? "failed" : "started",
  };
}

function useDecide(approval: ApprovalView | undefined, owns: boolean): OnDecide | undefined {
  const chat = useChat();
  const me = useMe();
  const may = owns || (me !== undefined && approval?.may_decide.includes(me.name));
  if (!may) return undefined;
  return ({ execution, id, hash }, decision, reason) => chat.ask({ type: "decide", execution, approval: id, hash, decision, ...(reason === undefined ? {} : { reason }) });
}

/** Says in which rounds of which loops a step stands. */
function roundOf(path: string): string | undefined {
  const rounds = segments(path).flatMap(({ place }) => (place !== undefined && isRound(place) ? [String(placeNumber(place) + 1)] : []));
  return rounds.length === 0 ? undefined : `round ${rounds.join(".")}`;
}

function ChildLink({ run }: { run: string }) {
  return (
    <Link to="/runs/$run" params={{ run }} className="inline-flex items-center gap-1 text-accent underline underline-offset-2">
      The run that it has started
      <ExternalLink size={13} aria-hidden />
    </Link>
  );
}

interface BodiesProps {
  node: StepNode;
  step: StepLike;
  bodies: readonly Body[];
  dense: boolean;
}

/** The rounds of a loop, the branches of a parallel step, or the way that a condition has led. */
function Bodies({ node, step, bodies, dense }: BodiesProps) {
  const rounds = bodies.filter((body) => isRound(body.place) || isBranch(body.place));
  if (rounds.length === 0) return bodies.map((body) => <Group key={body.place} label={body.place === "then" ? "Then" : "Else"} steps={body.steps} dense={dense} />);
  const places = new Map(rounds.map((body) => [placeNumber(body.place), body]));
  const loop = rounds.some((body) => isRound(body.place));
  const branches = field(step.input, "branches");
  const names = Array.isArray(branches) ? branches.map(String) : [];
  const iterations = rounds.map((body): Iteration => ({ index: placeNumber(body.place), ...looks[worst(body.steps)] }));
  return (
    <Iterations
      remember={node.key}
      noun={loop ? "round" : "branch"}
      iterations={iterations}
      of={loop ? number(field(step.input, "items")) : names.length}
      {...(loop ? {} : { name: ({ index }: Iteration) => names[index] ?? String(index + 1) })}
      render={({ index }, alone) => <Steps steps={places.get(index)?.steps ?? []} dense={!alone} />}
    />
  );
}

const looks = {
  bad: { tone: "bad", word: "failed" },
  warn: { tone: "warn", word: "waiting" },
  busy: { tone: "busy", word: "running" },
  good: { tone: "good", word: "done" },
  plain: { tone: "plain", word: "done" },
} as const;

function Group({ label, steps, dense }: { label: string; steps: readonly StepNode[]; dense: boolean }) {
  return (
    <div role="group" aria-label={label} className="flex min-w-0 flex-col gap-1.5 border-l-2 border-line pl-2.5">
      <p className="text-xs font-medium text-soft">{label}</p>
      <Steps steps={steps} dense={dense} />
    </div>
  );
}

function Steps({ steps, dense }: { steps: readonly StepNode[]; dense: boolean }) {
  return (
    <div className={cx("flex min-w-0 flex-col", !dense && "gap-2")}>
      {steps.map((step) => (
        <StepView key={step.key} node={step} dense={dense} />
      ))}
    </div>
  );
}
