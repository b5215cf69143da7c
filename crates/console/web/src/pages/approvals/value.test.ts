import { describe, expect, it } from "vitest";
import { hiddenIn, readable } from "./value";

describe("what the server says", () => {
  it("counts what is hidden, however deep", () => {
    expect(hiddenIn({ key: "[hidden]", headers: [{ authorization: "[hidden]" }], title: "hidden" })).toBe(2);
  });

  it("makes sentences of it", () => {
    expect(readable("ann denied this call")).toBe("Ann denied this call");
  });
});
