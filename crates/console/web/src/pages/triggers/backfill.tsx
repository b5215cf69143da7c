// Firing for times that are over: first which they are, then doing it.
import { useState } from "react";
import { freshKey } from "@/api/client";
import type { Schemas } from "@/api/types";
import { Button } from "@/ui/button";
import { Section } from "@/ui/page";
import { Failure } from "@/ui/states";
import { Clock } from "@/ui/time";
import { tell } from "@/ui/toast";
import type { TriggerDetail } from "./data";
import { act } from "./data";
import { NextTimes } from "./next";
import { TextField } from "./values";
import { shownIn, zoneOf } from "./why";

const DAY = 86_400_000;

export function Backfill({ trigger }: { trigger: TriggerDetail }) {
  const zone = zoneOf(trigger.definition);
  const [from, setFrom] = useState(() => shownIn(zone, Date.now() - 7 * DAY));
  const [to, setTo] = useState(() => shownIn(zone, Date.now()));
  const [times, setTimes] = useState<Schemas["BackfillTimes"] | null>(null);
  const [failed, setFailed] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const [key, setKey] = useState(freshKey);
  const change = (set: (value: string) => void) => (value: string) => {
    set(value);
    // What is shown is of the old range.
    setTimes(null);
    setKey(freshKey());
  };
  const ask = (dry: boolean) => {
    setBusy(true);
    setFailed(null);
    act
      // A look and the deed are two commands.
      .backfill(trigger.id, { from, to, dry_run: dry }, dry ? freshKey() : key)
      .then((told) => {
        if (dry) return setTimes(told);
        tell.done(`${told.times.length} times are being made up for.`);
        setTimes(null);
        setKey(freshKey());
      }, setFailed)
      .finally(() => setBusy(false));
  };
  return (
    <div className="flex max-w-3xl flex-col gap-4">
      {trigger.backfill && <UnderWay trigger={trigger} state={trigger.backfill} />}
      <Section title="Make up for times that are over">
        <div className="flex flex-col gap-3 p-3">
          <div className="flex flex-wrap items-end gap-2">
            <TextField label={`From (${zone})`} type="datetime-local" value={from} onChange={change(setFrom)} />
            <TextField label={`To (${zone})`} type="datetime-local" value={to} onChange={change(setTo)} />
            <Button busy={busy} disabled={from === "" || to === ""} onClick={() => ask(true)}>
              What would start?
            </Button>
          </div>
          {failed !== null && <Failure error={failed} />}
          {times !== null && (
            <div aria-live="polite" className="flex flex-col gap-2">
              <p className="text-sm">
                {times.times.length === 0 ? "No planned time is in this range." : `${times.times.length} ${times.times.length === 1 ? "time" : "times"}${times.more ? ", and more than one backfill may hold: choose a shorter range" : ""}:`}
              </p>
              <div className="max-h-72 overflow-auto">
                <NextTimes times={times.times} label="Times of the range" />
              </div>
              {times.times.length > 0 && !times.more && (
                <div>
                  <Button look="primary" busy={busy} onClick={() => ask(false)}>
                    Start {times.times.length === 1 ? "it" : `all ${times.times.length}`}
                  </Button>
                </div>
              )}
            </div>
          )}
        </div>
      </Section>
    </div>
  );
}

function UnderWay({ trigger, state }: { trigger: TriggerDetail; state: Schemas["BackfillState"] }) {
  return (
    <div role="status" className="flex flex-wrap items-center gap-2 rounded-md bg-busy-soft px-3 py-2 text-sm text-busy">
      <span className="flex-1">
        Times up to <Clock at={state.until} /> are being made up for; done up to <Clock at={state.after} />.
      </span>
      <Button small onClick={() => void act.stopBackfill(trigger.id).catch(tell.failed)}>
        Stop
      </Button>
    </div>
  );
}
