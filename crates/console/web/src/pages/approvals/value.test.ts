import { describe, expect, it } from "vitest";
import { hiddenIn, readable } from "./value";

describe("what the server says", () => {
  it("counts what is hidden, however deep", () => {
    expect(hiddenIn({ key: "[hidden]", headers: [{ authorization: "[hidden]" }], title: "hidden" })).toBe(2);
  });

  it("reads instants as the clock shows them", () => {
    expect(readable("ann denied this at 1795462148359ms")).toBe(`Ann denied this at ${new Date(1_795_462_148_359).toLocaleString()}`);
  });
});
