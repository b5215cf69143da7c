// What a trigger says, when it fires next, where it is called, and how it went last.
import { Link } from "@tanstack/react-router";
import { Json } from "@/ui/json";
import { Section } from "@/ui/page";
import { Failure, Loading } from "@/ui/states";
import { Ago } from "@/ui/time";
import { Address } from "./address";
import type { TriggerDetail, TriggerRow } from "./data";
import { useLedger, useNextTimes } from "./data";
import { lengthText } from "./draft";
import { object, text, texts } from "./form/parts";
import { NextTimes } from "./next";
import { EntryLine } from "./entry";
import { Sentence } from "./sentence";

export function Overview({ trigger, row }: { trigger: TriggerDetail; row: TriggerRow }) {
  return (
    <div className="grid grid-cols-1 items-start gap-4 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
      <div className="flex min-w-0 flex-col gap-4">
        <Section title="What it does">
          <div className="flex flex-col gap-3 p-3 text-sm">
            {row.description && <p className="text-soft">{row.description}</p>}
            <p className="text-base"><Sentence text={row.words} />.</p>
            {row.failing && (
              <p role="alert" className="rounded-md bg-bad-soft px-3 py-2 text-bad">
                The last firing could not start: {row.failing}
              </p>
            )}
            <Facts trigger={trigger} />
          </div>
        </Section>
        {trigger.address && <Address trigger={trigger} address={trigger.address} />}
        <Latest id={trigger.id} />
      </div>
      <div className="flex min-w-0 flex-col gap-4">
        {trigger.type === "schedule" && <Next id={trigger.id} />}
        <Section title="Definition">
          <div className="p-3">
            <Json value={trigger.definition} depth={2} />
            <p className="mt-2 text-xs text-soft">
              Revision {trigger.revision}, by {trigger.by.name}, <Ago at={trigger.updated_at} />
            </p>
          </div>
        </Section>
      </div>
    </div>
  );
}

function Next({ id }: { id: string }) {
  const { data, error, refetch } = useNextTimes(id, 10);
  return (
    <Section title={`Next times${data?.timezone ? ` (${data.timezone})` : ""}`}>
      <div className="p-3">
        {error && <Failure error={error} onRetry={() => void refetch()} />}
        {data === undefined && !error && <Loading />}
        {data !== undefined && !data.fires && <p className="mb-2 text-sm text-warn">It is switched off or paused: it would fire at these times.</p>}
        {data !== undefined && data.times.length === 0 && <p className="text-sm text-soft">There is no next time: it is over, or its expression never comes true.</p>}
        {data !== undefined && <NextTimes times={data.times} label="Next times" />}
      </div>
    </Section>
  );
}

function Latest({ id }: { id: string }) {
  const { data, error, refetch } = useLedger(id, "");
  const entries = data?.pages[0]?.items.slice(0, 5) ?? [];
  return (
    <Section
      title="Lately"
      actions={
        <Link to="/triggers/$trigger" params={{ trigger: id }} search={{ tab: "deliveries" }} className="text-xs text-accent hover:underline">
          All deliveries
        </Link>
      }
    >
      {error && <Failure error={error} onRetry={() => void refetch()} className="m-3" />}
      {data === undefined && !error && <Loading />}
      {data !== undefined && entries.length === 0 && <p className="p-3 text-sm text-soft">It has decided nothing yet.</p>}
      <ul className="divide-y divide-line">
        {entries.map((entry, n) => (
          <li key={entry.firing ?? `${entry.at} ${n}`} className="px-3 py-2">
            <EntryLine entry={entry} />
          </li>
        ))}
      </ul>
    </Section>
  );
}

const overlaps: Record<string, string> = { skip: "it is skipped", queue: "it waits for it", cancel_running: "that run is cancelled", allow: "another one starts" };
const missed: Record<string, string> = { none: "none is made up for", last: "the last one is made up for", all: "all are made up for" };

/** What the sentence leaves out, in short. */
function Facts({ trigger }: { trigger: TriggerDetail }) {
  const { definition } = trigger;
  const overlap = text(definition.overlap) || (trigger.type === "schedule" ? "skip" : "allow");
  const catchUp = object(definition.catch_up);
  const facts: [string, string][] = [["While the last run is under way", overlaps[overlap] ?? overlap]];
  if (trigger.type === "schedule") {
    facts.push(["Of times that were missed", missed[text(catchUp.policy) || "last"] ?? text(catchUp.policy)]);
    if (typeof definition.jitter_ms === "number" && definition.jitter_ms > 0) facts.push(["Spread over", lengthText(definition.jitter_ms)]);
    for (const [field, word] of [["start", "Not before"], ["end", "Not after"]] as const) {
      const at = definition[field];
      if (typeof at === "number") facts.push([word, new Date(at).toISOString().replace("T", " ").replace(/:00\.000Z$/, " UTC")]);
    }
  }
  const filter = Object.entries(object(definition.filter)).map(([field, value]) => `${field}: ${texts(value).join(", ")}`);
  if (filter.length > 0) facts.push(["Only", filter.join("; ")]);
  return (
    <dl className="grid grid-cols-1 gap-x-3 gap-y-1 sm:grid-cols-[auto_minmax(0,1fr)]">
      {trigger.workflow && (
        <>
          <dt className="text-soft">Workflow</dt>
          <dd>
            <Link to="/workflows/$workflow" params={{ workflow: trigger.workflow }} className="text-accent hover:underline">
              {trigger.workflow}
            </Link>
          </dd>
        </>
      )}
      {text(definition.prompt) !== "" && (
        <>
          <dt className="text-soft">Prompt</dt>
          <dd className="whitespace-pre-wrap wrap-anywhere">{text(definition.prompt)}</dd>
        </>
      )}
      {facts.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-soft">{name}</dt>
          <dd className="wrap-anywhere">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
