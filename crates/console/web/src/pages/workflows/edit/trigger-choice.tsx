// What is to start a new workflow: chosen before it is saved, made right after.
import { useDeferredValue } from "react";
import { useQuery } from "@tanstack/react-query";
import { CalendarClock, GitPullRequest, Hand, Webhook } from "lucide-react";
import { api, ask } from "@/api/client";
import { ProblemError, sentence } from "@/api/problem";
import { cx } from "@/ui/classes";
import { Field, Input, Select } from "@/ui/field";
import { asIs } from "./checking";
import type { TriggerWish } from "./trigger-wish";
import { zone } from "./trigger-wish";

const kinds = [
  { is: "none", icon: Hand, word: "Nothing", about: "It is run by hand, or by other workflows." },
  { is: "schedule", icon: CalendarClock, word: "A schedule", about: "At times of the wall clock." },
  { is: "webhook", icon: Webhook, word: "A webhook", about: "When its address is called." },
  { is: "github", icon: GitPullRequest, word: "GitHub", about: "On what happens in a repository." },
] as const;

const VERIFY = { hmac: "it signs with a secret (HMAC-SHA256)", standard_webhooks: "it signs as Standard Webhooks says", slack: "it is Slack", stripe: "it is Stripe", none: "not at all: whoever knows the address" } as const;

const JSON_TYPE = { "content-type": "application/json" };

export function TriggerChoice({ wish, onChange }: { wish: TriggerWish; onChange: (wish: TriggerWish) => void }) {
  const set = (change: Partial<TriggerWish>) => onChange({ ...wish, ...change });
  return (
    <fieldset className="flex flex-col gap-3">
      <legend className="mb-1.5 text-sm font-medium">What starts it?</legend>
      <div className="grid grid-cols-2 gap-2 sm:grid-cols-4">
        {kinds.map(({ is, icon: Icon, word, about }) => (
          <label key={is} className={cx("flex cursor-pointer flex-col gap-1 rounded-md border p-2 text-sm focus-within:ring-2 focus-within:ring-accent", wish.kind === is ? "border-accent bg-accent-soft" : "border-line hover:bg-sunken")}>
            <span className="flex items-center gap-2 font-medium">
              <input type="radio" name="trigger" checked={wish.kind === is} onChange={() => set({ kind: is })} className="sr-only" />
              <Icon size={16} aria-hidden />
              {word}
            </span>
            <span className="text-xs text-soft">{about}</span>
          </label>
        ))}
      </div>
      {wish.kind === "schedule" && (
        <div className="grid gap-3 sm:grid-cols-2">
          <Field label="When" hint="Minute, hour, day of month, month, day of week, as cron reads them.">
            {(control) => <Input {...control} list="cron-examples" className="font-mono" value={wish.cron} onChange={(event) => set({ cron: event.target.value })} />}
          </Field>
          <datalist id="cron-examples">
            <option value="0 9 * * mon-fri">weekdays at nine</option>
            <option value="0 3 * * *">every night</option>
            <option value="0 * * * *">every hour</option>
            <option value="0 8 * * mon">Mondays</option>
          </datalist>
          <Field label="In which zone">{(control) => <Input {...control} value={wish.timezone} placeholder={zone()} onChange={(event) => set({ timezone: event.target.value })} />}</Field>
          <Preview wish={wish} />
        </div>
      )}
      {wish.kind === "webhook" && (
        <Field label="How the sender proves who it is" hint="The address, and the secret where there is one, are shown once it is saved.">
          {(control) => (
            <Select {...control} value={wish.verify} onChange={(event) => set({ verify: event.target.value as TriggerWish["verify"] })}>
              {Object.entries(VERIFY).map(([scheme, words]) => (
                <option key={scheme} value={scheme}>
                  {words}
                </option>
              ))}
            </Select>
          )}
        </Field>
      )}
      {wish.kind === "github" && (
        <div className="grid gap-3 sm:grid-cols-2">
          <Field label="Repositories" hint="As owner/repo, with commas between them.">
            {(control) => <Input {...control} value={wish.repos} placeholder="example/shop" onChange={(event) => set({ repos: event.target.value })} />}
          </Field>
          <Field label="Events" hint="Such as push, or pull_request.opened.">
            {(control) => <Input {...control} value={wish.events} placeholder="push" onChange={(event) => set({ events: event.target.value })} />}
          </Field>
        </div>
      )}
      {wish.kind !== "none" && wish.kind !== "schedule" && <p className="text-xs text-soft">How values of the payload become inputs is said under “Schedules &amp; hooks”.</p>}
    </fieldset>
  );
}

/** The times of a schedule, as the server reads it. */
function Preview({ wish }: { wish: TriggerWish }) {
  const { cron, timezone } = useDeferredValue(wish);
  const body = JSON.stringify({ name: "preview", type: "schedule", workflow: "preview", cron, timezone: timezone === "" ? zone() : timezone });
  const preview = useQuery({
    queryKey: ["trigger", "preview", body],
    queryFn: () => ask(api.POST("/api/triggers/preview", { params: { query: { count: "3" } }, body, bodySerializer: asIs, headers: JSON_TYPE })),
    placeholderData: (last) => last,
    retry: false,
  });
  if (preview.error !== null) {
    const { error } = preview;
    const first = error instanceof ProblemError ? error.problem.errors?.[0] : undefined;
    const why = first === undefined ? sentence(error) : `${first.message}${first.fix ? `: ${first.fix}` : ""}`;
    return <p className="text-xs text-bad sm:col-span-2">{why}</p>;
  }
  return <p className="text-xs text-soft sm:col-span-2">{preview.data === undefined ? "…" : `Next: ${preview.data.times.map((time) => time.shown).join(", ")} (${preview.data.timezone ?? "UTC"})`}</p>;
}
