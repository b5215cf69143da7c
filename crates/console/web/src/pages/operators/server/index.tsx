// The writer and the store live, and what else the server counts, as it was seen while this page is open.
import { useState } from "react";
import { Link } from "@tanstack/react-router";
import { CircleCheck } from "lucide-react";
import type { WriterFigures } from "@/api/types";
import { useAdmin } from "@/live/admin";
import { Section } from "@/ui/page";
import { short } from "@/ui/short";
import { Spark } from "@/ui/spark";
import { Failure, Loading } from "@/ui/states";
import { isKind } from "../data/names";
import { Looked } from "../parts/look";
import type { Figures, Look } from "./figures";
import { gauge, rate } from "./figures";
import { Group } from "./group";
import { LiveCharts } from "./live";
import { useLooks } from "./looks";

export function Server() {
  const [follow, setFollow] = useState(true);
  const { looks, writer, busy, error, look } = useLooks(follow);
  const told = useAdmin((state) => state.figures[state.figures.length - 1]?.figures) ?? writer;
  const last = looks[looks.length - 1];
  return (
    <div className="flex flex-col gap-4">
      {told === null && error === null && <Loading what="Looking at the server" />}
      {told !== null && <Store writer={told} />}
      <LiveCharts />
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1">
        <p className="min-w-52 flex-1 text-xs text-soft">
          Of connections and refusals, each dot is a look at the server: one on your click, and one when your feed has news. Nothing is kept when you leave.
        </p>
        <label className="flex items-center gap-1.5 text-xs text-soft">
          <input type="checkbox" checked={follow} onChange={(event) => setFollow(event.target.checked)} />
          Look when there is news
        </label>
        <Looked at={last?.at ?? 0} busy={busy} onLook={look} what={`Look ${looks.length}, at`} />
      </div>
      {error !== null && <Failure error={error} onRetry={look} />}
      {last !== undefined && <Charts looks={looks} last={last.figures} />}
      {last !== undefined && <Refused figures={last.figures} />}
    </div>
  );
}

function Charts({ looks, last }: { looks: readonly Look[]; last: Figures }) {
  const gauges = (name: string) => ({ points: gauge(looks, name), now: last[name] });
  return (
      <Group title="Connections" five>
        <Spark marked label="Sandboxes started" {...gauges("tenure_sandboxes_started")} />
        <Spark marked label="Open sockets and streams" {...gauges("tenure_sockets")} />
        <Spark marked label="Runners connected" {...gauges("tenure_runners_connected")} />
        <Spark marked label="Frames of runners" unit="a second" points={rate(looks, "tenure_frames_total")} />
        <Spark marked label="Refused" unit="a second" points={rate(looks, "tenure_refused_total")} />
      </Group>
  );
}

function Store({ writer }: { writer: WriterFigures }) {
  const facts = [
    ["Engine", writer.engine],
    ["Last position", String(writer.position)],
    ["Commits since its start", String(writer.commits)],
    ["Commits in one flush", short(writer.commits_per_flush)],
    ["Flush, on the mean", `${short(writer.flush_us_mean / 1000)} ms`],
    ["Refused, of past lives", String(writer.refused_commits)],
  ];
  return (
    <Section title="Store">
      {writer.failure === null ? (
        <p className="flex items-center gap-1.5 px-3 pt-2.5 text-sm text-good">
          <CircleCheck size={15} aria-hidden /> It can be written.
        </p>
      ) : (
        <Failure error={new Error(`Nothing can be written: ${writer.failure}. Reads go on.`)} className="m-3 mb-0" />
      )}
      <dl className="grid grid-cols-2 gap-x-4 gap-y-2 p-3 text-sm sm:grid-cols-3 lg:grid-cols-6">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt className="text-xs text-soft">{name}</dt>
            <dd className="font-medium tabular-nums">{value}</dd>
          </div>
        ))}
      </dl>
      {writer.set_aside.length > 0 && <SetAside all={writer.set_aside} />}
    </Section>
  );
}

export function SetAside({ all }: { all: WriterFigures["set_aside"] }) {
  return (
    <div className="border-t border-line p-3">
      <h3 className="text-sm font-medium text-bad">Set aside, because their records do not verify</h3>
      <ul className="mt-1 text-sm">
        {all.map(({ entity, why }) => {
          const [kind = "", id = ""] = entity.split("/");
          return (
            <li key={entity} className="wrap-anywhere">
              {isKind(kind) ? (
                <Link to="/operators/$kind/$id" params={{ kind, id }} className="font-mono text-xs text-accent underline">
                  {entity}
                </Link>
              ) : (
                <span className="font-mono text-xs">{entity}</span>
              )}
              : {why}
            </li>
          );
        })}
      </ul>
    </div>
  );
}

function Refused({ figures }: { figures: Figures }) {
  const codes = Object.entries(figures).flatMap(([name, count]) => {
    const code = /^tenure_refused_total\{code="(.*)"\}$/.exec(name)?.[1];
    return code === undefined || count === 0 ? [] : [{ code, count }];
  });
  if (codes.length === 0) return null;
  codes.sort((a, b) => b.count - a.count);
  return (
    <Section title="What was refused since it was started, by code">
      <ul className="flex flex-wrap gap-x-5 gap-y-1 px-3 py-2.5 text-sm">
        {codes.map(({ code, count }) => (
          <li key={code}>
            <span className="font-mono text-xs">{code}</span> <span className="tabular-nums">{count}</span>
          </li>
        ))}
      </ul>
    </Section>
  );
}
