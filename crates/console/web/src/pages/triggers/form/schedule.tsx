// When a schedule fires: the expression, its zone, and what happens where clocks or servers are off.
import { Button } from "@/ui/button";
import { Field, Input, Select } from "@/ui/field";
import { withField } from "../draft";
import { InstantField, LengthField, TextField } from "../values";
import type { Form } from "./parts";
import { object, text } from "./parts";

const often = [
  { cron: "0 * * * *", word: "hourly" },
  { cron: "0 9 * * *", word: "daily" },
  { cron: "0 9 * * mon-fri", word: "weekdays" },
  { cron: "0 9 * * mon", word: "weekly" },
  { cron: "0 9 1 * *", word: "monthly" },
];

/** The zones that this browser knows; the server may know more, and takes what is typed. */
const zones = Intl.supportedValuesOf("timeZone");

export const ownZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";

export function ScheduleFields({ form }: { form: Form }) {
  const { draft, set, wrong, touch } = form;
  return (
    <>
      <div className="flex flex-col gap-1.5">
        <TextField
          label="Schedule"
          hint="Minute, hour, day of month, month, day of week, as cron reads them, or @daily."
          mono
          value={text(draft.cron)}
          onChange={(value) => set("cron", value)}
          error={wrong("cron")}
          onTouch={() => touch("cron")}
        />
        <div className="flex flex-wrap gap-1" role="group" aria-label="Often used schedules">
          {often.map(({ cron, word }) => (
            <Button key={word} small look={draft.cron === cron ? "plain" : "quiet"} aria-pressed={draft.cron === cron} onClick={() => set("cron", cron)}>
              {word}
            </Button>
          ))}
        </div>
      </div>
      <Field label="Time zone" error={wrong("timezone")} hint="A zone of the IANA database; UTC when it is left out.">
        {(control) => (
          <>
            <Input {...control} list="trigger-zones" value={text(draft.timezone)} onBlur={() => touch("timezone")} onChange={(event) => set("timezone", event.target.value)} />
            <datalist id="trigger-zones">
              {["UTC", ...zones].map((zone) => (
                <option key={zone} value={zone} />
              ))}
            </datalist>
          </>
        )}
      </Field>
    </>
  );
}

export function ScheduleDetails({ form }: { form: Form }) {
  const { draft, set, wrong } = form;
  const catchUp = typeof draft.catch_up === "string" ? { policy: draft.catch_up } : object(draft.catch_up);
  const put = (field: string, value: unknown) => set("catch_up", withField(catchUp, field, value));
  return (
    <>
      <div className="grid grid-cols-1 gap-3 sm:grid-cols-2">
        <Field label="Missed times" hint="What is made up for when the server was off." error={wrong("catch_up")}>
          {(control) => (
            <Select {...control} value={text(catchUp.policy)} onChange={(event) => set("catch_up", event.target.value === "" ? null : withField(catchUp, "policy", event.target.value))}>
              <option value="">The last one, unless said</option>
              <option value="last">The last one</option>
              <option value="all">All of them</option>
              <option value="none">None</option>
            </Select>
          )}
        </Field>
        <LengthField label="At most so late" hint="Like 4h; what is later is left out." value={catchUp.max_lateness_ms ?? catchUp.max_lateness} onChange={(value) => put("max_lateness_ms", value)} />
        {catchUp.policy === "all" && (
          <TextField
            label="At most so many"
            type="number"
            value={text(catchUp.max)}
            hint="The newest so many; 100 unless said."
            onChange={(value) => put("max", value === "" ? null : Number(value))}
          />
        )}
        <LengthField label="Spread" hint="Like 5m: fires up to so much later, so that not all begin at once." value={draft.jitter_ms ?? draft.jitter} error={wrong("jitter")} onChange={(value) => set("jitter_ms", value)} />
      </div>
      <div className="grid grid-cols-1 gap-3 sm:grid-cols-2">
        <InstantField label="Not before (UTC)" value={draft.start} error={wrong("start")} onChange={(value) => set("start", value)} />
        <InstantField label="Not after (UTC)" value={draft.end} error={wrong("end")} onChange={(value) => set("end", value)} />
        <Field label="Times that the clocks skip" error={wrong("gap")}>
          {(control) => (
            <Select {...control} value={text(draft.gap)} onChange={(event) => set("gap", event.target.value)}>
              <option value="">As cron does, unless said</option>
              <option value="auto">As cron does</option>
              <option value="after">Fire right after the gap</option>
              <option value="skip">Skip them</option>
            </Select>
          )}
        </Field>
        <Field label="Times that the clocks show twice" error={wrong("fold")}>
          {(control) => (
            <Select {...control} value={text(draft.fold)} onChange={(event) => set("fold", event.target.value)}>
              <option value="">As cron does, unless said</option>
              <option value="auto">As cron does</option>
              <option value="first">The first time</option>
              <option value="second">The second time</option>
              <option value="both">Both</option>
            </Select>
          )}
        </Field>
      </div>
    </>
  );
}
