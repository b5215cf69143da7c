import { useFeedLine } from "@/live/feed";
import type { LineState } from "@/live/line";
import { Dot } from "@/ui/badge";

/** How it stands with the server; nothing while all is well. */
export function Connection() {
  const line = useFeedLine();
  return (
    <div role="status" aria-live="polite" className="min-h-5 px-2.5 text-xs text-soft">
      <LineWords line={line} />
    </div>
  );
}

/** Says how a line stands. */
export function LineWords({ line }: { line: LineState }) {
  switch (line.is) {
    case "live":
      return null;
    case "connecting":
      return <Said tone="busy" text="Connecting…" />;
    case "waiting":
      return <Said tone="warn" text="Reconnecting…" title={line.why} />;
    case "ended":
      return <Said tone="bad" text={line.why} />;
  }
}

function Said({ tone, text, title }: { tone: "busy" | "warn" | "bad"; text: string; title?: string }) {
  return (
    <span className="inline-flex items-center gap-1.5" title={title}>
      <Dot tone={tone} />
      {text}
    </span>
  );
}
