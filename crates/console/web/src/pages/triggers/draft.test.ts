import { describe, expect, it } from "vitest";
import { byField, changes, lengthText, ofType, readLength, whole, withField, wrongWith } from "./draft";

const old = { name: "Nightly", type: "schedule", cron: "0 3 * * *", timezone: "UTC", jitter_ms: 300_000, start: 1_796_083_200_000 };

describe("a draft of a trigger", () => {
  it("sends nothing where nothing was changed", () => {
    expect(changes(old, { ...old })).toEqual({});
  });

  it("says what was changed, and null for what was taken away", () => {
    expect(changes(old, withField(withField(old, "cron", "0 4 * * *"), "jitter_ms", ""))).toEqual({ cron: "0 4 * * *", jitter_ms: null });
  });

  it("sends what is no length of time as it was written, for the server to judge", () => {
    expect(changes(old, withField(old, "jitter_ms", "soon"))).toEqual({ jitter: "soon" });
  });

  it("leaves the fields of the old type alone when the type is another one", () => {
    const patch = changes(old, ofType(old, "webhook", "UTC"));
    expect(patch).toEqual({ type: "webhook", verify: { scheme: "standard_webhooks" } });
  });

  it("writes instants as texts", () => {
    expect(whole(old).start).toBe("2026-12-01T00:00:00.000Z");
  });

  it("tells mistakes at their fields", () => {
    const mistakes = byField([
      { path: "trigger.cron", code: "bad_cron", message: "the hour says `25`", fix: "write `*`" },
      { path: "trigger.verify.scheme", code: "unknown_value", message: "is wrong" },
      { path: "trigger", code: "missing_field", message: "needs one of `workflow`, `prompt`" },
      { path: "trigger", code: "too_large", message: "it is too large" },
    ]);
    expect(wrongWith(mistakes, "cron")).toBe("The hour says `25`: write `*`");
    expect(wrongWith(mistakes, "verify")).toBe("Is wrong");
    expect(wrongWith(mistakes, "prompt")).toBe("Needs one of `workflow`, `prompt`");
    expect(wrongWith(mistakes, "")).toBe("It is too large");
    expect(wrongWith(mistakes, "name")).toBeNull();
  });

  it("reads and writes lengths of time", () => {
    for (const text of ["5m", "1h30m", "1d2h", "250ms", "0s"]) expect(lengthText(Number(readLength(text)))).toBe(text);
    expect(readLength("soon")).toBe("soon");
  });
});
