// What a run asks people: what exactly, what runs next, until when, and the two answers.
import type { FormEvent, ReactNode } from "react";
import { useId, useState } from "react";
import { Check, ShieldQuestion, X } from "lucide-react";
import type { ApprovalView, Schemas } from "@/api/types";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Input } from "@/ui/field";
import { Failure } from "@/ui/states";
import { Clock, distance, useNow } from "@/ui/time";
import { kindWord } from "./kind";
import { Result } from "./result";

export type Verdict = Schemas["Verdict"];
export type Decided = Schemas["Decided"];

/** Sends a decision; it throws what the server refuses. */
export type OnDecide = (approval: ApprovalView, decision: Verdict, reason: string | undefined) => Promise<unknown>;

interface ApprovalCardProps {
  approval: ApprovalView;
  /** Absent where whoever looks may not decide. */
  onDecide?: OnDecide | undefined;
  /** Above the question: where it is asked, as far as the page does not say so. */
  beside?: ReactNode;
}

const atDeadline: Record<string, string> = { approved: "it is approved", denied: "it is denied", escalated: "others are asked as well" };
const onDeny: Record<string, string> = { cancel: "Denying cancels the run.", continue: "After a denial the run goes on." };

export function ApprovalCard({ approval, onDecide, beside }: ApprovalCardProps) {
  const question = useId();
  const items = approval.items ?? [];
  return (
    <section aria-labelledby={question} className="flex min-w-0 flex-col gap-3 rounded-lg border border-warn bg-surface p-3">
      {beside}
      <div className="flex items-start gap-2">
        <ShieldQuestion size={18} className="mt-0.5 shrink-0 text-warn" aria-hidden />
        <p id={question} className="min-w-0 flex-1 font-medium wrap-anywhere whitespace-pre-wrap">
          {approval.prompt}
        </p>
      </div>
      {items.length > 0 && (
        <dl className="flex flex-col gap-2 border-l-2 border-line pl-3 text-sm">
          {items.map((item, n) => (
            <div key={n} className="min-w-0">
              <dt className="text-xs font-medium text-soft">{item.name}</dt>
              <dd className="min-w-0">
                <Result value={item.value} label={item.name} />
              </dd>
            </div>
          ))}
        </dl>
      )}
      <ul className="flex flex-col gap-0.5 text-sm text-soft">
        {approval.next !== undefined && approval.next !== null && (
          <li>
            Approving runs <strong className="font-medium text-ink">{approval.next.name}</strong> ({kindWord(approval.next.kind)}{" "}
            <code className="font-mono text-xs wrap-anywhere">{approval.next.path}</code>).
          </li>
        )}
        <li>{onDeny[approval.on_deny] ?? `Denying: ${approval.on_deny}.`}</li>
        <Deadline approval={approval} />
        {approval.may_decide.length > 0 && <li>May decide: {approval.may_decide.join(", ")}.</li>}
      </ul>
      {onDecide === undefined ? <p className="text-sm text-soft">You may look at it; others decide.</p> : <AnswerForm approval={approval} onDecide={onDecide} />}
    </section>
  );
}

function Deadline({ approval }: { approval: ApprovalView }) {
  const now = useNow();
  const near = approval.deadline - now < 5 * 60_000;
  return (
    <li className="flex flex-wrap items-center gap-x-1.5">
      <span>
        Undecided by <Clock at={approval.deadline} className="text-ink" />, {atDeadline[approval.on_deadline] ?? approval.on_deadline}.
      </span>
      <Badge tone={near ? "warn" : "plain"}>{approval.deadline > now ? distance(approval.deadline, now) : "due"}</Badge>
    </li>
  );
}

/** Reasons that are being typed, by approval: lists forget what they scroll away. */
const drafts = new Map<string, string>();

function AnswerForm({ approval, onDecide }: { approval: ApprovalView; onDecide: OnDecide }) {
  const [reason, setReason] = useState(() => drafts.get(approval.id) ?? "");
  const [sending, setSending] = useState<Verdict | null>(null);
  const [refused, setRefused] = useState<unknown>(null);
  const decide = async (decision: Verdict) => {
    setSending(decision);
    setRefused(null);
    try {
      await onDecide(approval, decision, reason.trim() === "" ? undefined : reason.trim());
      drafts.delete(approval.id);
    } catch (error) {
      setRefused(error);
    } finally {
      setSending(null);
    }
  };
  const keep = (text: string) => {
    drafts.set(approval.id, text);
    setReason(text);
  };
  return (
    <form
      className="flex flex-col gap-2"
      // Enter in the field decides nothing: that takes one of the two buttons.
      onSubmit={(event: FormEvent) => event.preventDefault()}
    >
      {refused !== null && <Failure error={refused} />}
      <div className="flex flex-wrap items-center gap-2">
        <Input
          aria-label="Reason"
          placeholder="Reason (optional)"
          value={reason}
          onChange={(event) => keep(event.target.value)}
          maxLength={4000}
          className="min-w-0 flex-[1_1_12rem]"
        />
        <div className="flex gap-2">
          <Button look="approve" icon={<Check size={16} aria-hidden />} busy={sending === "approved"} disabled={sending !== null} onClick={() => void decide("approved")}>
            Approve
          </Button>
          <Button look="danger" icon={<X size={16} aria-hidden />} busy={sending === "denied"} disabled={sending !== null} onClick={() => void decide("denied")}>
            Deny
          </Button>
        </div>
      </div>
    </form>
  );
}

/** An answer: by a person, or by the deadline. */
export interface Answer {
  decision: Verdict;
  by?: { name: string } | null;
  reason?: string | null;
}

/** What was decided, by whom and why. */
export function Decision({ decided }: { decided: Answer }) {
  const yes = decided.decision === "approved";
  return (
    <p className="flex flex-wrap items-center gap-x-1.5 gap-y-1 text-sm">
      <Badge tone={yes ? "good" : "bad"}>
        {yes ? <Check size={13} aria-hidden /> : <X size={13} aria-hidden />}
        {yes ? "approved" : "denied"}
      </Badge>
      <span>{decided.by === undefined || decided.by === null ? "by its deadline" : `by ${decided.by.name}`}</span>
      {decided.reason !== undefined && decided.reason !== null && decided.reason !== "" && (
        <q className="text-soft wrap-anywhere whitespace-pre-wrap">{decided.reason}</q>
      )}
    </p>
  );
}
