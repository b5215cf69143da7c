// What starts a workflow by itself.
import { Link } from "@tanstack/react-router";
import { CalendarClock, GitPullRequest, Hand, Webhook } from "lucide-react";
import type { Schemas } from "@/api/types";
import { useFeedKnown, useRows } from "@/live/feed";
import { Badge } from "@/ui/badge";
import { cx } from "@/ui/classes";
import { Empty, Loading } from "@/ui/states";
import { Ago } from "@/ui/time";
import type { WorkflowRow } from "./data";

type TriggerRow = Schemas["TriggerRow"];

/** Returns the triggers that name a workflow, by its slug or id. */
export function useTriggersOf(row: WorkflowRow): TriggerRow[] {
  return useRows("trigger").filter((trigger) => trigger.workflow === row.slug || trigger.workflow === row.id);
}

const icons = { schedule: CalendarClock, webhook: Webhook, github: GitPullRequest, manual: Hand };

export function Triggers({ triggers, slug }: { triggers: TriggerRow[]; slug: string }) {
  const known = useFeedKnown();
  if (!known) return <Loading what="Loading the triggers" />;
  if (triggers.length === 0) {
    return (
      <Empty title="Nothing starts it by itself" action={<Link to="/triggers" className="text-sm text-accent underline underline-offset-2">Schedules and hooks</Link>}>
        A schedule, a webhook or an event on GitHub can start <span className="font-mono text-xs">{slug}</span>.
      </Empty>
    );
  }
  return (
    <div className="min-h-0 flex-1 overflow-auto p-4">
      <ul aria-label="Triggers" className="mx-auto max-w-5xl overflow-hidden rounded-lg border border-line bg-surface">
        {triggers.map((trigger) => {
          const Icon = icons[trigger.type];
          return (
            <li key={trigger.id} className={cx("relative flex items-start gap-3 border-b border-line px-3 py-2.5 text-sm last:border-b-0 hover:bg-sunken", !trigger.enabled && "text-soft")}>
              <Icon size={17} aria-hidden className="mt-0.5 shrink-0 text-soft" />
              <div className="min-w-0 flex-1">
                <div className="flex flex-wrap items-center gap-2">
                  <Link to="/triggers/$trigger" params={{ trigger: trigger.id }} className="font-medium after:absolute after:inset-0">
                    {trigger.name}
                  </Link>
                  {!trigger.enabled && <Badge>disabled</Badge>}
                  {trigger.failing && <Badge tone="bad">failing</Badge>}
                </div>
                <p className="text-soft">{trigger.words.replaceAll("`", "")}</p>
                {trigger.failing && <p className="text-xs text-bad wrap-anywhere">{trigger.failing}</p>}
              </div>
              <div className="shrink-0 text-right text-xs text-soft">
                {trigger.next_at && (
                  <p>
                    next <Ago at={trigger.next_at} />
                  </p>
                )}
                {trigger.last_run_at && (
                  <p>
                    last <Ago at={trigger.last_run_at} />
                  </p>
                )}
              </div>
            </li>
          );
        })}
      </ul>
    </div>
  );
}
