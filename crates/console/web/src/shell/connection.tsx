// How it stands with the server, in a word at the edge and in a sentence across the page when it is away.
import { CloudOff } from "lucide-react";
import type { LineState } from "@/live/line";
import { Dot } from "@/ui/badge";
import type { Presence } from "./away";

/** How it stands with the server; nothing while all is well. */
export function Connection({ presence, folded }: { presence: Presence; folded?: boolean }) {
  return (
    <div role="status" aria-live="polite" className={folded ? "flex min-h-5 justify-center" : "min-h-5 px-2.5 text-xs text-soft"}>
      <Words presence={presence} folded={folded} />
    </div>
  );
}

function Words({ presence, folded }: { presence: Presence; folded: boolean | undefined }) {
  switch (presence.is) {
    case "there":
      return null;
    case "coming":
      return <Said tone="busy" text="Connecting…" short={folded} />;
    case "away":
      return <Said tone="warn" text="Reconnecting…" title={presence.why} short={folded} />;
    case "back":
      return <Said tone="good" text="Connected again" short={folded} />;
    case "over":
      return <Said tone="bad" text="Disconnected" title={presence.why} short={folded} />;
  }
}

/** What is to be known of a page while its server is away. */
export function AwayBar({ presence }: { presence: Presence }) {
  if (presence.is !== "away" && presence.is !== "over") return null;
  return (
    <div className="flex items-center gap-2 border-b border-line bg-warn-soft px-4 py-1.5 text-sm text-warn">
      <CloudOff size={15} aria-hidden className="shrink-0" />
      <p className="min-w-0 wrap-anywhere">
        {presence.why} {presence.is === "away" ? "What you see is how it was; it goes on by itself as soon as the server answers." : "Reload the page, or sign in again."}
      </p>
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

function Said({ tone, text, title, short }: { tone: "busy" | "good" | "warn" | "bad"; text: string; title?: string; short?: boolean | undefined }) {
  return (
    <span className="inline-flex items-center gap-1.5" title={title ?? text}>
      <Dot tone={tone} />
      <span className={short ? "sr-only" : undefined}>{text}</span>
    </span>
  );
}
