import { describe, expect, it } from "vitest";
import { became, marks, parts } from "./pointers";

describe("the places of changes", () => {
  it("are read with their escapes", () => {
    expect(parts("/steps/build~1test~0x/0")).toEqual(["steps", "build/test~x", "0"]);
    expect(parts("")).toEqual([]);
  });

  it("are marked where they are; what is gone is marked where it was", () => {
    const marked = marks([
      { at: "/turns/a", before: null, after: { phase: "offering" } },
      { at: "/queue/0", before: { text: "hello" }, after: null },
      { at: "/gone", before: 1, after: null },
    ]);
    expect([...marked]).toEqual(["/turns/a", "/queue"]);
  });

  it("are new, gone, or changed", () => {
    expect(became({ at: "/a", before: null, after: 1 })).toBe("new");
    expect(became({ at: "/a", before: 1, after: undefined })).toBe("gone");
    expect(became({ at: "/a", before: 1, after: 2 })).toBe("changed");
  });
});
