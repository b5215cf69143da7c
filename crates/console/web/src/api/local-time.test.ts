import { expect, it } from "vitest";
import { inLocalTime } from "./local-time";

it("says instants as the clock on the wall does, and leaves the rest as it is", () => {
  const local = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" }).format(new Date("2026-11-23T19:29:08Z"));
  expect(inLocalTime("ann approved this at 2026-11-23 19:29:08 UTC, in 5 min")).toBe(`ann approved this at ${local}, in 5 min`);
  expect(inLocalTime("2026-11-23 and 19:29:08")).toBe("2026-11-23 and 19:29:08");
});
