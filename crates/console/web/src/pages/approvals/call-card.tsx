// A call that waits: which tool with which arguments, who calls, until when, and what else an approval may allow.
import { useState } from "react";
import { Link } from "@tanstack/react-router";
import { Wrench } from "lucide-react";
import { useRow } from "@/live/feed";
import type { Tone } from "@/ui/badge";
import { Badge } from "@/ui/badge";
import { Ago, Clock, distance, useNow } from "@/ui/time";
import { Answer } from "./answer";
import { Arguments } from "./arguments";
import type { CallApproval, GrantMore } from "./data";
import { GrantMoreFields } from "./grant-more";
import type { Decide } from "./use-inbox";

const risks: Record<string, Tone> = { low: "plain", medium: "warn", high: "bad", critical: "bad" };

export function CallCard({ call, answer }: { call: CallApproval; answer: Decide }) {
  const [grant, setGrant] = useState<GrantMore | null>(null);
  return (
    <section aria-label={`Call of ${call.tool}`} className="flex min-w-0 flex-col gap-3 rounded-lg border border-warn bg-surface p-3">
      <p className="flex flex-wrap items-center gap-x-1.5 text-xs text-soft">
        <Caller call={call} />
        <Ago at={call.asked_at} className="ml-auto" />
      </p>
      <div className="flex flex-wrap items-center gap-2">
        <Wrench size={17} className="shrink-0 text-warn" aria-hidden />
        <h2 className="min-w-0 font-mono text-sm font-semibold wrap-anywhere">{call.tool}</h2>
        <Badge>{call.service}</Badge>
        <Badge tone={risks[call.risk] ?? "warn"}>{call.risk} risk</Badge>
      </div>
      <Arguments value={call.arguments} />
      <ul className="flex flex-col gap-0.5 text-sm text-soft">
        <li>Approving makes exactly this call, once. Denying tells {call.run ? "the step" : "the agent"} no.</li>
        <Deadline at={call.deadline} />
      </ul>
      <Answer
        approve={grant === null ? "Approve" : "Approve, and allow more"}
        deniable
        onAnswer={(decision, reason) => answer(call, decision, reason, decision === "approved" && grant !== null ? grant : undefined)}
      >
        <GrantMoreFields call={call} value={grant} onChange={setGrant} />
      </Answer>
    </section>
  );
}

function Caller({ call }: { call: CallApproval }) {
  const session = useRow("session", call.session ?? undefined);
  if (call.execution) {
    return (
      <span>
        The step{" "}
        <Link to="/runs/$run" params={{ run: call.execution }} search={call.path ? { step: call.path } : {}} className="font-medium text-accent hover:underline">
          {call.step ?? call.path ?? "of a run"}
        </Link>
        {call.run && ` of ${call.run}`} wants to call
      </span>
    );
  }
  if (call.session) {
    return (
      <span>
        The agent of{" "}
        <Link to="/sessions/$session" params={{ session: call.session }} className="font-medium text-accent hover:underline">
          {session?.title || "a session"}
        </Link>{" "}
        wants to call
      </span>
    );
  }
  return <span>An agent wants to call</span>;
}

export function Deadline({ at }: { at: number }) {
  const now = useNow();
  const near = at - now < 5 * 60_000;
  return (
    <li className="flex flex-wrap items-center gap-x-1.5">
      <span>
        Undecided by <Clock at={at} className="text-ink" />, it is denied.
      </span>
      <Badge tone={near ? "warn" : "plain"}>{at > now ? distance(at, now) : "due"}</Badge>
    </li>
  );
}
