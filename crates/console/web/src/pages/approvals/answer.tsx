// The two answers and the reason, for what is no run's own question. What is refused stays on the card until it is answered again.
import type { ReactNode } from "react";
import { useState } from "react";
import { Check, X } from "lucide-react";
import { Button } from "@/ui/button";
import { Input } from "@/ui/field";
import { Failure } from "@/ui/states";
import type { Verdict } from "./data";

interface AnswerProps {
  /** What approving is called here. */
  approve: ReactNode;
  onAnswer: (decision: Verdict, reason: string | undefined) => Promise<void>;
  /** Whether there is something to deny. */
  deniable: boolean;
  children?: ReactNode;
}

export function Answer({ approve, onAnswer, deniable, children }: AnswerProps) {
  const [reason, setReason] = useState("");
  const [sending, setSending] = useState<Verdict | null>(null);
  const [refused, setRefused] = useState<unknown>(null);
  const send = (decision: Verdict) => {
    setSending(decision);
    setRefused(null);
    onAnswer(decision, reason.trim() === "" ? undefined : reason.trim())
      .catch(setRefused)
      .finally(() => setSending(null));
  };
  return (
    <form className="flex flex-col gap-2" onSubmit={(event) => event.preventDefault()}>
      {children}
      {refused !== null && <Failure error={refused} />}
      <div className="flex flex-wrap items-center gap-2">
        {deniable && (
          <Input aria-label="Reason" placeholder="Reason (optional)" value={reason} maxLength={4000} onChange={(event) => setReason(event.target.value)} className="min-w-0 flex-[1_1_12rem]" />
        )}
        <div className="flex gap-2">
          <Button look="approve" icon={<Check size={16} aria-hidden />} busy={sending === "approved"} disabled={sending !== null} onClick={() => send("approved")}>
            {approve}
          </Button>
          {deniable && (
            <Button look="danger" icon={<X size={16} aria-hidden />} busy={sending === "denied"} disabled={sending !== null} onClick={() => send("denied")}>
              Deny
            </Button>
          )}
        </div>
      </div>
    </form>
  );
}
