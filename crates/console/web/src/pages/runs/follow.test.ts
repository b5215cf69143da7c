import { describe, expect, it } from "vitest";
import { containers } from "./follow";

describe("what is opened to show a step", () => {
  it("is all that it stands in, the outermost first, and itself", () => {
    expect(containers("deploy:i2/check:then/push")).toEqual(["deploy", "deploy:i2/check", "deploy:i2/check:then/push"]);
    expect(containers("push")).toEqual(["push"]);
  });
});
