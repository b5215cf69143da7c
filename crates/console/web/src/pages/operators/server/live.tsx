// The writer's figures of the last two minutes, as the server tells them every second.
import type { FiguresAt } from "@/live/admin";
import { KEPT_MS, useAdmin } from "@/live/admin";
import { Spark } from "@/ui/spark";
import { LiveMark } from "../parts/live";
import type { Look } from "./figures";
import { gauge, rate, ratio } from "./figures";
import { Group } from "./group";

export function LiveCharts() {
  const told = useAdmin((state) => state.figures);
  const looks = told.map(asLook);
  const over = (name: string, factor?: number) => ({ points: gauge(looks, name, factor), span: KEPT_MS });
  return (
    <>
      <LiveMark what="told every second, and kept for two minutes while you look" />
      <Group title="Writer">
        <Spark label="Commits" unit="a second" points={rate(looks, "commits")} span={KEPT_MS} />
        <Spark label="Commits in one flush" unit="on the mean" points={ratio(looks, "commits", "flushes")} span={KEPT_MS} />
        <Spark label="Last flush" unit="ms" {...over("flush_us_last", 0.001)} />
        <Spark label="Waiting commits" {...over("queued")} />
      </Group>
      <Group title="Actors">
        <Spark label="In memory" {...over("awake")} />
        <Spark label="To be woken by a timer" {...over("alarms")} />
        <Spark label="Effects not yet carried out" {...over("effects")} />
        <Spark label="Last position" {...over("position")} />
      </Group>
    </>
  );
}

/** Leaves out what is no number. */
function asLook({ at, figures }: FiguresAt): Look {
  return { at, figures: Object.fromEntries(Object.entries(figures).filter((entry): entry is [string, number] => typeof entry[1] === "number")) };
}
