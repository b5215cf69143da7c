import { describe, expect, it } from "vitest";
import { amount, bars, counted, readAllowance, writeAllowance } from "./amounts";

const none = { tokens: 0, cost_usd: 0, time_ms: 0, turns: 0, tool_calls: 0, unpriced_tokens: 0 };

describe("amounts of budgets", () => {
  it("shows what is limited only, with what was raised", () => {
    const shown = bars({ allowance: { turns: 2, cost_usd: 1.5 }, raised: { ...none, turns: 2 }, used: { ...none, turns: 3, tokens: 9 } });
    expect(shown.map(({ field, used, of }) => [field, used, of])).toEqual([
      ["cost_usd", 0, 1.5],
      ["turns", 3, 4],
    ]);
  });

  it("takes time in minutes, and what is empty as no limit", () => {
    expect(readAllowance({ time_ms: "90", turns: "", tokens: " 10 " })).toEqual({ time_ms: 5_400_000, tokens: 10 });
    expect(writeAllowance({ time_ms: 5_400_000, tokens: 10, turns: null })).toEqual({ time_ms: "90", tokens: "10" });
  });

  it("says small sums exactly", () => {
    expect(amount("cost_usd", 0.0312)).toBe("$0.0312");
    expect(amount("cost_usd", 12)).toBe("$12.00");
  });

  it("counts one as one", () => {
    expect(counted("turns", 1)).toBe("1 turn");
    expect(counted("tool_calls", 20)).toBe("20 tool calls");
    expect(counted("cost_usd", 1)).toBe("$1.00");
  });
});
