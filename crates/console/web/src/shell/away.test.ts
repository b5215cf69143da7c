import { describe, expect, it } from "vitest";
import type { LineState } from "@/live/line";
import type { Presence } from "./away";
import { next } from "./away";

const coming: Presence = { is: "coming" };
const after = (...lines: LineState[]) => lines.reduce(next, coming).is;
const lost: LineState = { is: "waiting", why: "The connection was lost.", until: 0 };

describe("whether the server is there", () => {
  it("is said once it is known", () => {
    expect(after({ is: "connecting" })).toBe("coming");
    expect(after({ is: "connecting" }, { is: "live" })).toBe("there");
  });

  it("stays away through every attempt, and is back when one succeeds", () => {
    expect(after({ is: "live" }, lost, { is: "connecting" })).toBe("away");
    expect(after({ is: "live" }, lost, { is: "connecting" }, lost, { is: "connecting" }, { is: "live" })).toBe("back");
  });

  it("is told when it does not answer from the first", () => {
    expect(after({ is: "connecting" }, lost)).toBe("away");
  });

  it("is over when the line cannot go on", () => {
    expect(after({ is: "live" }, { is: "ended", why: "Revoked.", code: "unauthorized" })).toBe("over");
  });
});
