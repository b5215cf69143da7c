// The ledger of a trigger: everything that it decided, newest first, and an answer to "why did it (not) fire at …".
import { useState } from "react";
import { ChevronRight } from "lucide-react";
import { Button } from "@/ui/button";
import { cx } from "@/ui/classes";
import { Select } from "@/ui/field";
import { Section } from "@/ui/page";
import { Empty, Failure, Loading } from "@/ui/states";
import type { LedgerEntry } from "./data";
import { useLedger } from "./data";
import { Delivery } from "./delivery";
import { EntryLine } from "./entry";
import { Why } from "./why";
import { outcomeNames, outcomeWord } from "./words";

interface DeliveriesProps {
  id: string;
  zone: string;
  /** Whether there is still somebody to deliver to. */
  there: boolean;
}

export function Deliveries({ id, zone, there }: DeliveriesProps) {
  const [outcome, setOutcome] = useState("");
  const ledger = useLedger(id, outcome);
  const entries = ledger.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <div className="flex max-w-4xl flex-col gap-4">
      <Why id={id} zone={zone} />
      <Section
        title="Decisions"
        actions={
          <>
            <Select aria-label="Outcome" className="h-7! max-w-40 py-0! text-xs!" value={outcome} onChange={(event) => setOutcome(event.target.value)}>
              <option value="">Every outcome</option>
              {outcomeNames.map((name) => (
                <option key={name} value={name}>
                  {outcomeWord(name)}
                </option>
              ))}
            </Select>
            <Button small busy={ledger.isRefetching} onClick={() => void ledger.refetch()}>
              Look again
            </Button>
          </>
        }
      >
        {ledger.error && <Failure error={ledger.error} onRetry={() => void ledger.refetch()} className="m-3" />}
        {ledger.isPending && !ledger.error && <Loading />}
        {ledger.data !== undefined && entries.length === 0 && (
          <Empty title={outcome === "" ? "It has decided nothing yet" : "Nothing came out so"}>Every time that is planned, every delivery and every run by hand stands here, with what became of it.</Empty>
        )}
        <ul aria-label="Deliveries" className="divide-y divide-line">
          {entries.map((entry, n) => (
            <Row key={entry.firing ?? `${entry.at} ${n}`} entry={entry} id={id} there={there} />
          ))}
        </ul>
        {ledger.hasNextPage && (
          <div className="flex justify-center border-t border-line p-2">
            <Button small busy={ledger.isFetchingNextPage} onClick={() => void ledger.fetchNextPage()}>
              Older ones
            </Button>
          </div>
        )}
      </Section>
    </div>
  );
}

function Row({ entry, id, there }: { entry: LedgerEntry; id: string; there: boolean }) {
  const [open, setOpen] = useState(false);
  return (
    <li className="px-2 py-2">
      <div className="flex items-start gap-1">
        {entry.firing ? (
          <button type="button" aria-expanded={open} aria-label="What it was made of" onClick={() => setOpen(!open)} className="mt-0.5 rounded p-0.5 text-soft hover:bg-sunken">
            <ChevronRight size={16} aria-hidden className={cx("transition-transform", open && "rotate-90")} />
          </button>
        ) : (
          <span className="w-5 shrink-0" />
        )}
        <EntryLine entry={entry} />
      </div>
      {open && entry.firing && <Delivery id={id} firing={entry.firing} there={there} />}
    </li>
  );
}
