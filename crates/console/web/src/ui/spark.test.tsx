import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it } from "vitest";
import { Spark } from "./spark";

const html = (values: number[], span?: number) =>
  renderToStaticMarkup(<Spark label="Commits" unit="a second" points={values.map((value, n) => ({ at: n * 1000, value }))} {...(span === undefined ? {} : { span })} />);

describe("a small chart", () => {
  it("says its newest value and between which it was", () => {
    expect(html([4, 0.5, 12_345])).toContain('aria-label="Commits: 12.3 k a second, 0.50 to 12.3 k in 3 points"');
    expect(html([3, 3])).toContain('aria-label="Commits: 3 a second, 3 in 2 points"');
  });

  it("draws from nothing up, the newest at the right", () => {
    expect(html([0, 2, 1])).toContain('points="4.0,40.0 114.0,4.0 224.0,22.0"');
    // Half of the time that it stands for has been seen.
    expect(html([1, 1], 2_000)).toContain('points="114.0,4.0 224.0,4.0"');
  });

  it("draws nothing of nothing", () => {
    expect(html([])).toContain("not seen yet");
    expect(html([0])).not.toContain("polyline");
  });
});
