// The runners: what they do is pushed by the feed, what they are is read when the feed tells of a change.
import { useState } from "react";
import { useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { api, ask } from "@/api/client";
import type { FeedRunner, Schemas } from "@/api/types";
import { useFeedKnown, useRows } from "@/live/feed";
import type { Tone } from "@/ui/badge";
import { Badge, Dot } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Section } from "@/ui/page";
import { Empty, Loading } from "@/ui/states";
import { Ago } from "@/ui/time";
import { tell } from "@/ui/toast";
import { useNews } from "./parts/news";
import { itemsOf, usePaged } from "./parts/paged";

const runnersKey = ["runners"] as const;

const looks: Record<FeedRunner["status"], { tone: Tone; word: string }> = {
  free: { tone: "good", word: "free" },
  busy: { tone: "busy", word: "full" },
  away: { tone: "bad", word: "away" },
  draining: { tone: "warn", word: "draining" },
};

export function Runners() {
  const rows = useRows("runner");
  const known = useFeedKnown();
  const paged = usePaged(runnersKey, (cursor) => ask(api.GET("/api/runners", { params: { query: cursor === undefined ? {} : { cursor } } })));
  useNews(["runner"], runnersKey);
  const more = new Map(itemsOf(paged).map((runner) => [runner.id, runner]));
  return (
    <Section title="Runners">
      {!known && <Loading what="Loading runners" />}
      {known && rows.length === 0 && (
        <Empty title="No runner has said hello since the server was started">
          Start one with <code className="font-mono">tenure runner --server … --token …</code>; the token is issued under <Link to="/account" search={{ tab: "tokens" }} className="text-accent underline">Tokens</Link>.
        </Empty>
      )}
      <ul>
        {rows.map((runner) => (
          <Runner key={runner.id} runner={runner} more={more.get(runner.id)} />
        ))}
      </ul>
      {paged.hasNextPage && (
        <div className="border-t border-line p-2 text-center">
          <Button small look="quiet" busy={paged.isFetchingNextPage} onClick={() => void paged.fetchNextPage()}>
            Read what more of them are
          </Button>
        </div>
      )}
    </Section>
  );
}

function Runner({ runner, more }: { runner: FeedRunner; more: Schemas["RunnerRow"] | undefined }) {
  const look = looks[runner.status];
  return (
    <li className="flex flex-wrap items-start gap-x-4 gap-y-2 border-b border-line px-3 py-3 last:border-0" aria-label={`Runner ${runner.name}`}>
      <div className="min-w-56 flex-1">
        <h3 className="flex flex-wrap items-center gap-2 text-sm font-medium">
          {runner.name}
          <Badge tone={look.tone}>
            <Dot tone={look.tone} />
            {look.word}
          </Badge>
          {typeof runner.pool === "string" && <Badge>pool {runner.pool}</Badge>}
        </h3>
        <p className="font-mono text-xs wrap-anywhere text-soft">{runner.id}</p>
        {more !== undefined && (
          <>
            <p className="mt-1 flex flex-wrap gap-1">
              {more.agents.map((agent) => (
                <Badge key={agent.name} tone="accent" title={agent.description}>
                  {agent.name}
                </Badge>
              ))}
              {more.labels.map((label) => (
                <Badge key={label}>{label}</Badge>
              ))}
            </p>
            <p className="mt-1 text-xs text-soft">
              version {more.version} · last heard of <Ago at={more.seen_at} />
              {typeof more.session === "string" && (
                <>
                  {" · sandbox of "}
                  <Link to="/sessions/$session" params={{ session: more.session }} className="text-accent underline">
                    its session
                  </Link>
                </>
              )}
            </p>
            {more.works.length > 0 && (
              <details className="mt-1 text-xs">
                <summary className="text-soft">Works that it holds</summary>
                <ul className="font-mono">
                  {more.works.map((work) => (
                    <li key={work}>{work}</li>
                  ))}
                </ul>
              </details>
            )}
          </>
        )}
        {runner.status === "away" && runner.works > 0 && <p className="mt-1 text-xs text-warn">Its works go on until their leases end; then they are given anew, or somebody is asked.</p>}
      </div>
      <Load works={runner.works} capacity={runner.capacity} />
      <Drain runner={runner} />
    </li>
  );
}

/** How many works it holds of those that it takes. */
function Load({ works, capacity }: { works: number; capacity: number }) {
  return (
    <div className="w-32">
      <p className="text-xs text-soft">
        {works} of {capacity} works
      </p>
      <div role="meter" aria-label="Works" aria-valuemin={0} aria-valuemax={capacity} aria-valuenow={works} className="mt-1 h-1.5 overflow-hidden rounded-full bg-sunken">
        <div className="h-full rounded-full bg-busy" style={{ width: `${capacity === 0 ? 0 : Math.min(100, (works / capacity) * 100)}%` }} />
      </div>
    </div>
  );
}

function Drain({ runner }: { runner: FeedRunner }) {
  const cache = useQueryClient();
  const [busy, setBusy] = useState(false);
  const draining = runner.status === "draining";
  const act = async () => {
    setBusy(true);
    const params = { path: { id: runner.id } };
    try {
      await ask(draining ? api.POST("/api/runners/{id}/resume", { params }) : api.POST("/api/runners/{id}/drain", { params }));
      tell.done(draining ? `${runner.name} gets works again.` : `${runner.name} ends what it has, and gets nothing new.`);
      await cache.invalidateQueries({ queryKey: runnersKey });
    } catch (error) {
      tell.failed(error);
    }
    setBusy(false);
  };
  return (
    <Button small busy={busy} onClick={() => void act()} aria-label={`${draining ? "Resume" : "Drain"} ${runner.name}`} title={draining ? "Give it works again" : "Let it end what it has, and give it nothing new"}>
      {draining ? "Resume" : "Drain"}
    </Button>
  );
}
