// A small line chart: what it is, how it stands now, and between which values it was.
import { short } from "./short";

export interface Point {
  at: number;
  value: number;
}

interface SparkProps {
  label: string;
  unit?: string;
  points: readonly Point[];
  /** What the whole width stands for, in milliseconds, up to the last point; from the first point on when absent. */
  span?: number;
  /** What is shown big; the last point when absent. */
  now?: number | undefined;
  /** Whether each point is marked, for points that are looks at something and nothing is known between. */
  marked?: boolean;
}

const [WIDTH, HEIGHT, EDGE] = [228, 44, 4];

export function Spark({ label, unit = "", points, span, now, marked = false }: SparkProps) {
  const values = points.map((point) => point.value);
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const last = now ?? values[values.length - 1];
  // From nothing up, so that a line that is twice as high says twice as much.
  const top = Math.max(most, 0);
  const end = points[points.length - 1]?.at ?? 0;
  const from = span === undefined ? (points[0]?.at ?? 0) : end - span;
  const x = (at: number) => (end === from ? WIDTH - EDGE : EDGE + ((at - from) / (end - from)) * (WIDTH - 2 * EDGE));
  const y = (value: number) => HEIGHT - EDGE - (top === 0 ? 0 : (value / top) * (HEIGHT - 2 * EDGE));
  const drawn = points.map((point) => `${x(point.at).toFixed(1)},${y(point.value).toFixed(1)}`);
  const between = least === most ? short(most) : `${short(least)} to ${short(most)}`;
  const said = last === undefined ? "nothing seen yet" : `${short(last)} ${unit}`.trim() + (values.length > 1 ? `, ${between} in ${values.length} points` : "");
  return (
    <figure className="flex min-w-0 flex-col gap-1 rounded-lg border border-line bg-surface px-3 pt-2 pb-2.5">
      <figcaption className="flex items-baseline justify-between gap-2 text-xs text-soft">
        <span>{label}</span>
        {values.length > 1 && <span className="whitespace-nowrap tabular-nums">{between}</span>}
      </figcaption>
      <p className="text-lg leading-6 font-semibold tabular-nums">
        {last === undefined ? <span className="text-sm font-normal text-soft">not seen yet</span> : short(last)}
        {last !== undefined && unit !== "" && <span className="ml-1 text-xs font-normal text-soft">{unit}</span>}
      </p>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={`${label}: ${said}`} preserveAspectRatio="xMinYMid meet" className="h-11 w-full text-accent">
        <line x1={0} x2={WIDTH} y1={HEIGHT - 1} y2={HEIGHT - 1} stroke="var(--line)" />
        {drawn.length > 1 && <polyline points={drawn.join(" ")} fill="none" stroke="currentColor" strokeWidth={1.5} strokeLinejoin="round" />}
        {points.map((point, n) => (marked || n === points.length - 1) && <circle key={point.at} cx={x(point.at)} cy={y(point.value)} r={points.length > 40 && marked ? 1 : 2} fill="currentColor" />)}
      </svg>
    </figure>
  );
}
