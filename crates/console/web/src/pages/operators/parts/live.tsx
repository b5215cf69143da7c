// Whether what is seen is live, in a word: what is not says as of when it is.
import { useAdmin } from "@/live/admin";
import { Dot } from "@/ui/badge";

export function LiveMark({ what }: { what: string }) {
  const line = useAdmin((state) => state.line);
  if (line.is === "live")
    return (
      <span className="inline-flex items-center gap-1.5 text-xs text-soft">
        <Dot tone="good" />
        Live: {what}
      </span>
    );
  return (
    <span className="inline-flex items-center gap-1.5 text-xs text-soft">
      <Dot tone={line.is === "ended" ? "bad" : "warn"} />
      {line.is === "connecting" ? "Not live yet" : `Not live: ${line.why}`}
    </span>
  );
}
