// The session's own sandbox: how it stands, and what can be done with it.
import { Box } from "lucide-react";
import type { Schemas } from "@/api/types";
import type { ChatState } from "@/live/chat/state";
import type { Tone } from "@/ui/badge";
import { Badge, Dot } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Ago } from "@/ui/time";
import { useKnown } from "../context";
import { useMay } from "../rights";
import { useAct } from "./act";

const looks: Record<Schemas["SandboxState"], { tone: Tone; word: string }> = {
  none: { tone: "plain", word: "not started" },
  wanted: { tone: "warn", word: "asked for" },
  starting: { tone: "busy", word: "starting" },
  running: { tone: "good", word: "running" },
  away: { tone: "warn", word: "its link is lost" },
  hibernating: { tone: "busy", word: "going to sleep" },
  hibernated: { tone: "plain", word: "asleep, its workspace is kept" },
  backoff: { tone: "warn", word: "failed, is tried again" },
  failed: { tone: "bad", word: "failed" },
};

const asleep = new Set<Schemas["SandboxState"]>(["none", "hibernated", "backoff", "failed"]);
const sandboxOf = (state: ChatState) => state.about?.sandbox;

export function Sandbox() {
  const sandbox = useKnown(sandboxOf);
  const may = useMay("collaborator");
  const { busy, act } = useAct();
  if (sandbox == null) return null;
  const look = looks[sandbox.state];
  return (
    <section aria-label="Sandbox" className="flex min-h-9 flex-wrap items-center gap-2 border-t border-line px-3 py-1 text-sm">
      <Box size={15} aria-hidden className="text-soft" />
      <span>{sandbox.name}</span>
      <Badge tone={look.tone}>
        <Dot tone={look.tone} />
        {look.word}
      </Badge>
      <span className="min-w-0 flex-1 truncate text-xs text-soft">
        {sandbox.why}
        {sandbox.until != null && (
          <>
            {sandbox.why != null && ", "}
            {sandbox.state === "running" ? "sleeps " : "changes "}
            <Ago at={sandbox.until} />
          </>
        )}
      </span>
      {may && (
        <span className="flex gap-1.5">
          {asleep.has(sandbox.state) ? (
            <Button small busy={busy} onClick={() => act({ type: "sandbox.wake" })}>
              Wake
            </Button>
          ) : (
            <>
              {sandbox.state === "running" && (
                <Button small busy={busy} onClick={() => act({ type: "sandbox.hibernate" })}>
                  Put to sleep
                </Button>
              )}
              <Button small busy={busy} onClick={() => act({ type: "sandbox.stop" })}>
                Stop
              </Button>
            </>
          )}
        </span>
      )}
    </section>
  );
}
