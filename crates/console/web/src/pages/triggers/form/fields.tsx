// The form of a trigger: what every kind has, and what its own kind has.
import { CalendarClock, GitBranch, Hand, Webhook } from "lucide-react";
import { cx } from "@/ui/classes";
import { Field, Select } from "@/ui/field";
import type { TriggerType } from "../draft";
import { TextField } from "../values";
import { GithubDetails, GithubFields } from "./github";
import { MappingFields } from "./mapping";
import type { Form } from "./parts";
import { text } from "./parts";
import { ScheduleDetails, ScheduleFields } from "./schedule";
import { TargetFields } from "./target";
import { WebhookDetails, WebhookFields } from "./webhook";

const kinds = [
  { type: "schedule", word: "Schedule", why: "at times of the clock", icon: CalendarClock },
  { type: "webhook", word: "Webhook", why: "when it is called", icon: Webhook },
  { type: "github", word: "GitHub", why: "on what happens there", icon: GitBranch },
  { type: "manual", word: "By hand", why: "when somebody asks", icon: Hand },
] as const;

export function Fields({ form, isNew, onType }: { form: Form; isNew: boolean; onType: (type: TriggerType) => void }) {
  const { draft, set, wrong, touch } = form;
  const delivered = draft.type === "webhook" || draft.type === "github";
  return (
    <>
      {isNew && <Kinds chosen={text(draft.type)} onChoose={onType} />}
      <div className="grid grid-cols-1 gap-3 sm:grid-cols-2">
        <TextField label="Name" value={text(draft.name)} error={wrong("name")} onTouch={() => touch("name")} onChange={(value) => set("name", value)} />
        <TextField label="What it is for" placeholder="may be left out" value={text(draft.description)} error={wrong("description")} onChange={(value) => set("description", value)} />
      </div>
      {draft.type === "schedule" && <ScheduleFields form={form} />}
      {draft.type === "webhook" && <WebhookFields form={form} />}
      {draft.type === "github" && <GithubFields form={form} />}
      <TargetFields form={form} />
      {delivered && <MappingFields form={form} />}
      <details open={["catch_up", "jitter", "start", "end", "gap", "fold", "overlap"].some((field) => wrong(field) !== null) || undefined} className="rounded-md border border-line">
        <summary className="px-3 py-2 text-sm font-medium">More</summary>
        <div className="flex flex-col gap-3 border-t border-line p-3">
          <div className="grid grid-cols-1 gap-3 sm:grid-cols-2">
            <Field label="While the last run is under way" error={wrong("overlap")}>
              {(control) => (
                <Select {...control} value={text(draft.overlap)} onChange={(event) => set("overlap", event.target.value)}>
                  <option value="">{draft.type === "schedule" ? "Skip, unless said" : "Start another, unless said"}</option>
                  <option value="skip">Skip</option>
                  <option value="queue">Wait for it</option>
                  <option value="cancel_running">Cancel it, and start</option>
                  <option value="allow">Start another</option>
                </Select>
              )}
            </Field>
            <Field label="When it cannot start" error={wrong("failure_notify")}>
              {(control) => (
                <Select {...control} value={text(draft.failure_notify)} onChange={(event) => set("failure_notify", event.target.value)}>
                  <option value="">Tell the orchestrator, unless said</option>
                  <option value="orchestrator">Tell the orchestrator</option>
                  <option value="none">Tell nobody</option>
                </Select>
              )}
            </Field>
          </div>
          {draft.type === "schedule" && <ScheduleDetails form={form} />}
          {draft.type === "webhook" && <WebhookDetails form={form} />}
          {draft.type === "github" && <GithubDetails form={form} />}
        </div>
      </details>
    </>
  );
}

function Kinds({ chosen, onChoose }: { chosen: string; onChoose: (type: TriggerType) => void }) {
  return (
    <fieldset className="grid grid-cols-2 gap-2 sm:grid-cols-4">
      <legend className="mb-1 text-sm font-medium">When it fires</legend>
      {kinds.map(({ type, word, why, icon: Icon }) => (
        <label
          key={type}
          className={cx(
            "flex cursor-pointer flex-col gap-0.5 rounded-md border p-2 text-sm has-focus-visible:outline-2 has-focus-visible:outline-accent",
            chosen === type ? "border-accent bg-accent-soft text-accent" : "border-line hover:bg-sunken",
          )}
        >
          <input type="radio" name="trigger-kind" className="sr-only" checked={chosen === type} onChange={() => onChoose(type)} />
          <span className="flex items-center gap-1.5 font-medium">
            <Icon size={15} aria-hidden /> {word}
          </span>
          <span className={cx("text-xs", chosen === type ? "text-accent" : "text-soft")}>{why}</span>
        </label>
      ))}
    </fieldset>
  );
}
