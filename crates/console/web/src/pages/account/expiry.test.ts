import { describe, expect, it } from "vitest";
import { endOf } from "./expiry";

const now = Date.parse("2026-03-01T12:00:00Z");

describe("when a credential ends", () => {
  it("is counted from now in days", () => {
    expect(endOf("week", "", now)).toBe(Date.parse("2026-03-08T12:00:00Z"));
  });

  it("is the end of the chosen day, here", () => {
    expect(endOf("date", "2026-03-05", now)).toBe(new Date(2026, 2, 5, 23, 59, 59).getTime());
    expect(endOf("date", "", now)).toBeUndefined();
  });

  it("may be never", () => {
    expect(endOf("never", "", now)).toBeNull();
  });
});
