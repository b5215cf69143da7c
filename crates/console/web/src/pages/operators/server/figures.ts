// The server's figures: read from Prometheus' text form, and turned into what is seen between looks.
import type { Point } from "@/ui/spark";

export type Figures = Readonly<Record<string, number>>;

export interface Look {
  at: number;
  figures: Figures;
}

/** Reads the text form. Those with labels are told one by one, and summed up under their own name. */
export function read(text: string): Figures {
  const figures: Record<string, number> = {};
  for (const line of text.split("\n")) {
    // A counter with labels has no line before it counts.
    const declared = /^# TYPE ([a-z_]+) counter$/.exec(line)?.[1];
    if (declared !== undefined) figures[declared] ??= 0;
    const found = /^([a-z_]+)(\{[^}]*\})? (\S+)$/.exec(line);
    const [, name, labels, number] = found ?? [];
    if (name === undefined || number === undefined) continue;
    const value = Number(number);
    if (Number.isNaN(value)) continue;
    if (labels !== undefined) {
      figures[name + labels] = value;
      figures[name] = (figures[name] ?? 0) + value;
    } else figures[name] = value;
  }
  return figures;
}

/** Returns a gauge as it was at each look. */
export function gauge(looks: readonly Look[], name: string, factor = 1): Point[] {
  return looks.flatMap(({ at, figures }) => {
    const value = figures[name];
    return value === undefined ? [] : [{ at, value: value * factor }];
  });
}

/** Returns how much a counter grew in a second, on the mean between one look and the next. After a restart it counts from nothing again. */
export function rate(looks: readonly Look[], name: string): Point[] {
  return looks.slice(1).flatMap((look, n) => {
    const before = looks[n];
    const [was, is] = [before?.figures[name], look.figures[name]];
    if (before === undefined || was === undefined || is === undefined || look.at <= before.at) return [];
    const grown = is >= was ? is - was : is;
    return [{ at: look.at, value: (grown * 1000) / (look.at - before.at) }];
  });
}

/** Returns what one counter grew by for each time that another grew by one, between looks. */
export function ratio(looks: readonly Look[], of: string, by: string, factor = 1): Point[] {
  return looks.slice(1).flatMap((look, n) => {
    const before = looks[n]?.figures;
    const [above, below] = [(look.figures[of] ?? 0) - (before?.[of] ?? 0), (look.figures[by] ?? 0) - (before?.[by] ?? 0)];
    return below > 0 && above >= 0 ? [{ at: look.at, value: (above / below) * factor }] : [];
  });
}
