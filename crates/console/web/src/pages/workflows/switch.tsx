// Whether a workflow may run, switched in place.
import { api, ask } from "@/api/client";
import { cx } from "@/ui/classes";
import { useQueryClient } from "@tanstack/react-query";
import type { WorkflowRow } from "./data";
import { useCommand } from "./data";

export function EnabledSwitch({ row, words }: { row: WorkflowRow; words?: boolean }) {
  const cache = useQueryClient();
  const command = useCommand(
    (on: boolean, header) => {
      const options = { params: { path: { id: row.id }, header } };
      return ask(on ? api.POST("/api/workflows/{id}/enable", options) : api.POST("/api/workflows/{id}/disable", options));
    },
    () => void cache.invalidateQueries({ queryKey: ["workflow"] }),
  );
  return (
    <label className="inline-flex items-center gap-2 text-sm">
      <button
        type="button"
        role="switch"
        aria-checked={row.enabled}
        aria-label={`${row.name} may run`}
        disabled={command.isPending}
        onClick={() => command.mutate(!row.enabled)}
        className={cx("relative h-5 w-9 shrink-0 rounded-full border transition-colors", row.enabled ? "border-good bg-good" : "border-line-strong bg-sunken")}
      >
        <span className={cx("absolute top-[3px] size-3 rounded-full transition-[left]", row.enabled ? "left-[19px] bg-surface" : "left-[3px] bg-line-strong")} />
      </button>
      {words && <span className="text-soft">{row.enabled ? "enabled" : "disabled"}</span>}
    </label>
  );
}
