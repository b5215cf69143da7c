// How it stands with a connector, in a word and with its reason.
import type { Schemas } from "@/api/types";
import type { Tone } from "@/ui/badge";
import { Badge, Dot } from "@/ui/badge";
import { Ago, span } from "@/ui/time";

type Health = Schemas["ConnectorHealth"];

const looks: Record<Health["state"], { tone: Tone; word: string; why: string }> = {
  idle: { tone: "plain", word: "not asked yet", why: "Nobody has asked for it since the server was started, or since it was changed." },
  up: { tone: "good", word: "up", why: "It has answered." },
  down: { tone: "bad", word: "down", why: "It was not reached, or has not answered as it should." },
  disabled: { tone: "plain", word: "switched off", why: "You have switched it off." },
};

export function HealthBadge({ health }: { health: Health }) {
  const look = looks[health.state];
  return (
    <Badge tone={look.tone} title={look.why}>
      <Dot tone={look.tone} />
      {look.word}
    </Badge>
  );
}

export function HealthWords({ health }: { health: Health }) {
  return (
    <p className="text-xs text-soft">
      {typeof health.since === "number" && (
        <>
          since <Ago at={health.since} />
        </>
      )}
      {typeof health.tools === "number" && ` · ${health.tools} ${health.tools === 1 ? "tool" : "tools"}`}
      {typeof health.latency_ms === "number" && ` · answered in ${span(health.latency_ms)}`}
      {typeof health.error === "string" && (
        <span className={health.state === "down" ? "block wrap-anywhere text-bad" : "block wrap-anywhere"}>
          {health.state !== "down" && "Last trouble"}
          {health.state !== "down" && typeof health.error_at === "number" && (
            <>
              {" "}
              <Ago at={health.error_at} />
            </>
          )}
          {health.state !== "down" && ": "}
          {health.error}
        </span>
      )}
    </p>
  );
}
