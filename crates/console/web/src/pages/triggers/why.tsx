// Why a trigger did, or did not, fire at a minute that somebody picks.
import type { FormEvent } from "react";
import { useState } from "react";
import type { Schemas } from "@/api/types";
import type { Tone } from "@/ui/badge";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Section } from "@/ui/page";
import { Failure } from "@/ui/states";
import { act } from "./data";
import { EntryLine } from "./entry";
import { TextField } from "./values";
import { Sentence } from "./sentence";

const tones: Record<string, Tone> = { fired: "good", will_fire: "busy", undecided: "busy", missed: "warn", disabled: "warn", paused: "warn" };

export function Why({ id, zone }: { id: string; zone: string }) {
  const [at, setAt] = useState(() => shownIn(zone, Date.now()));
  const [told, setTold] = useState<Schemas["WhyTrigger"] | null>(null);
  const [failed, setFailed] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const ask = (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setFailed(null);
    act
      .why(id, at)
      .then(setTold, (error: unknown) => {
        setTold(null);
        setFailed(error);
      })
      .finally(() => setBusy(false));
  };
  return (
    <Section title="Why did it, or did it not, fire?">
      <form onSubmit={ask} className="flex flex-wrap items-end gap-2 p-3">
        <TextField label={`At (${zone})`} type="datetime-local" value={at} onChange={setAt} />
        <Button type="submit" busy={busy} disabled={at === ""}>
          Why?
        </Button>
      </form>
      <div aria-live="polite">
        {failed !== null && <Failure error={failed} className="m-3" />}
        {told !== null && (
          <div className="flex flex-col gap-2 border-t border-line p-3 text-sm">
            <p className="flex flex-wrap items-center gap-2">
              <span className="font-mono text-xs">{told.shown}</span>
              <Code told={told} />
            </p>
            <p><Sentence text={told.words} />.</p>
            {told.note && <p className="text-xs text-warn"><Sentence text={told.note} />.</p>}
            {told.entries.map((entry, n) => (
              <EntryLine key={entry.firing ?? n} entry={entry} />
            ))}
          </div>
        )}
      </div>
    </Section>
  );
}

/** The zone in whose time people speak of a trigger, by its definition. */
export const zoneOf = (definition: Readonly<Record<string, unknown>>): string => (definition.type === "schedule" && typeof definition.timezone === "string" ? definition.timezone : "UTC");

/** What was decided and started nothing is no firing to those who ask. */
function Code({ told }: { told: Schemas["WhyTrigger"] }) {
  const nothing = told.code === "fired" && told.entries.every((entry) => entry.outcome !== "matched" && entry.outcome !== "queued");
  return nothing ? <Badge tone="warn">nothing started</Badge> : <Badge tone={tones[told.code] ?? "plain"}>{told.code.replaceAll("_", " ")}</Badge>;
}

/** Returns what the clocks of a zone show, as the browser's field for times wants it. */
export function shownIn(zone: string, at: number): string {
  try {
    const parts = new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "short" }).format(at);
    return parts.replace(" ", "T");
  } catch {
    // A zone that this browser does not know.
    return new Date(at).toISOString().slice(0, 16);
  }
}
