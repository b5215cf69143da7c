import { describe, expect, it } from "vitest";
import { short } from "@/ui/short";
import type { Look } from "./figures";
import { gauge, rate, ratio, read } from "./figures";

const look = (at: number, commits: number, flushes = commits): Look => ({ at, figures: { commits, flushes } });

describe("the figures", () => {
  it("are read from the text form, with and without labels", () => {
    const text = '# TYPE a_total counter\na_total 11\n# TYPE e gauge\ne{cause="silent"} 2\ne{cause="blocked"} 3\nbroken\nseconds 0.5\nodd NaN\n';
    expect(read("# TYPE refused_total counter\n")).toEqual({ refused_total: 0 });
    expect(read(text)).toEqual({ a_total: 11, e: 5, 'e{cause="silent"}': 2, 'e{cause="blocked"}': 3, seconds: 0.5 });
  });

  it("grow by what they grew, by the second", () => {
    expect(rate([look(0, 10), look(2_000, 30), look(3_000, 30)], "commits")).toEqual([
      { at: 2_000, value: 10 },
      { at: 3_000, value: 0 },
    ]);
  });

  it("count from nothing after a restart", () => {
    expect(rate([look(0, 1_000), look(1_000, 4)], "commits")).toEqual([{ at: 1_000, value: 4 }]);
    expect(ratio([look(0, 1_000), look(1_000, 4)], "commits", "flushes")).toEqual([]);
  });

  it("are nothing where they are not known", () => {
    expect(rate([look(0, 1)], "commits")).toEqual([]);
    expect(gauge([look(0, 1)], "sockets")).toEqual([]);
  });

  it("are told by each other", () => {
    expect(ratio([look(0, 0, 0), look(1, 12, 3), look(2, 12, 3)], "commits", "flushes")).toEqual([{ at: 1, value: 4 }]);
  });

  it("are said in few digits", () => {
    expect([0, 3, 0.0123, 2.345, 12_345, 2_500_000].map(short)).toEqual(["0", "3", "0.012", "2.3", "12.3 k", "2.5 M"]);
  });
});
