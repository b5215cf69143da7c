// One session of the list.
import { memo } from "react";
import { Link } from "@tanstack/react-router";
import { GitFork, MessageSquare, Network, Workflow } from "lucide-react";
import type { Schemas, SessionRow } from "@/api/types";
import { Badge, Dot } from "@/ui/badge";
import { cx } from "@/ui/classes";
import { sessionLook } from "@/ui/status";
import { Ago } from "@/ui/time";
import { isUnread } from "./seen";

const icons: Record<Schemas["Purpose"], { icon: typeof MessageSquare; says: string }> = {
  interactive: { icon: MessageSquare, says: "chat" },
  workflow: { icon: Workflow, says: "of a workflow" },
  child: { icon: GitFork, says: "of another session" },
  orchestrator: { icon: Network, says: "orchestrator" },
};

export const Row = memo(function Row({ row, current, seen }: { row: SessionRow; current: boolean; seen: Readonly<Record<string, number>> }) {
  const look = sessionLook(row.status);
  const unread = !current && isUnread(seen, row.id, row.updated_at);
  const { icon: Icon, says } = icons[row.purpose];
  return (
    <Link
      to="/sessions/$session"
      params={{ session: row.id }}
      aria-current={current ? "page" : undefined}
      className={cx("flex min-h-14 items-center gap-2.5 rounded-lg px-2.5 py-1.5", current ? "bg-accent-soft" : "hover:bg-sunken")}
    >
      <Icon size={16} className="shrink-0 text-soft" role="img" aria-label={says} />
      <span className="min-w-0 flex-1">
        <span className={cx("block truncate text-sm", unread ? "font-semibold" : "font-medium", row.title === "" && "text-soft")}>{row.title || "Untitled session"}</span>
        <span className="flex items-center gap-1.5 text-xs text-soft">
          {row.status !== "idle" && <Dot tone={look.tone} />}
          {row.status !== "idle" && <span className="truncate">{look.word}</span>}
          <Ago at={row.updated_at} className="truncate" />
        </span>
      </span>
      {row.questions > 0 && <Badge tone="warn">{row.questions === 1 ? "asks" : `asks ${row.questions}`}</Badge>}
      {row.queued > 0 && <Badge title="prompts that wait">+{row.queued}</Badge>}
      {unread && <span className="size-2 shrink-0 rounded-full bg-accent" role="img" aria-label="unread" />}
    </Link>
  );
});
