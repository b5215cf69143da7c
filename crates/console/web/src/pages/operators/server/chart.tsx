// A small chart of what was seen: a dot for each look, nothing made up between them but a line.
import type { Point } from "./figures";
import { short } from "./figures";

const [WIDTH, HEIGHT, EDGE] = [228, 44, 4];

interface ChartProps {
  name: string;
  unit?: string;
  points: readonly Point[];
  /** What is shown big; the last point when absent. */
  now?: number | undefined;
}

export function Chart({ name, unit = "", points, now }: ChartProps) {
  const last = now ?? points[points.length - 1]?.value;
  const top = Math.max(...points.map((point) => point.value), 0);
  const [from, to] = [points[0]?.at ?? 0, points[points.length - 1]?.at ?? 0];
  const x = (at: number) => (to === from ? WIDTH - EDGE : EDGE + ((at - from) / (to - from)) * (WIDTH - 2 * EDGE));
  const y = (value: number) => HEIGHT - EDGE - (top === 0 ? 0 : (value / top) * (HEIGHT - 2 * EDGE));
  const path = points.map((point) => `${x(point.at).toFixed(1)},${y(point.value).toFixed(1)}`).join(" ");
  return (
    <figure className="flex flex-col gap-1 rounded-lg border border-line bg-surface px-3 pt-2 pb-2.5">
      <figcaption className="flex items-baseline justify-between gap-2">
        <span className="text-xs text-soft">{name}</span>
        {points.length > 1 && top > 0 && <span className="text-xs text-soft">up to {short(top)}</span>}
      </figcaption>
      <p className="text-lg leading-6 font-semibold tabular-nums">
        {last === undefined ? <span className="text-sm font-normal text-soft">not seen yet</span> : short(last)}
        {last !== undefined && unit !== "" && <span className="ml-1 text-xs font-normal text-soft">{unit}</span>}
      </p>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={`${name}, ${points.length} looks, up to ${short(top)} ${unit}`} preserveAspectRatio="xMinYMid meet" className="h-11 w-full text-accent">
        <line x1={0} x2={WIDTH} y1={HEIGHT - 1} y2={HEIGHT - 1} stroke="var(--line)" />
        {points.length > 1 && <polyline points={path} fill="none" stroke="currentColor" strokeWidth={1.5} strokeLinejoin="round" />}
        {points.map((point) => (
          <circle key={point.at} cx={x(point.at)} cy={y(point.value)} r={points.length > 40 ? 1 : 2} fill="currentColor" />
        ))}
      </svg>
    </figure>
  );
}
