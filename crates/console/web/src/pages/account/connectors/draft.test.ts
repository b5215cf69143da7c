import { describe, expect, it } from "vitest";
import type { Schemas } from "@/api/types";
import { changeOf, draftOf } from "./draft";

const view = {
  name: "tracker",
  url: "https://tracker.example.org/mcp",
  headers: ["authorization", "x-team"],
  enabled: true,
  risk: "high",
  risks: {},
  tools: ["find", "comment"],
} as unknown as Schemas["ConnectorView"];

describe("what is sent of a connector", () => {
  it("leaves secrets alone that nobody touched", () => {
    expect(changeOf(draftOf(view))).toEqual({ url: "https://tracker.example.org/mcp", headers: {}, risk: "high", tools: ["find", "comment"] });
  });

  it("replaces, adds and takes away secrets by name", () => {
    const draft = draftOf(view);
    draft.sealed = [
      { name: "authorization", value: "Bearer new", removed: false },
      { name: "x-team", value: null, removed: true },
      { name: " x-more ", value: "1", removed: false },
      { name: "", value: "lost", removed: false },
      { name: "x-empty", value: "", removed: false },
    ];
    expect(changeOf(draft).headers).toEqual({ authorization: "Bearer new", "x-team": null, "x-more": "1" });
  });

  it("says all tools by null", () => {
    expect(changeOf({ ...draftOf(view), tools: " " }).tools).toBeNull();
  });

  it("tells a command its arguments line by line", () => {
    const draft = { ...draftOf(null), by: "command" as const, command: "uvx", args: "mcp-server-git\n\n--repository /srv/shop " };
    expect(changeOf(draft)).toEqual({ command: "uvx", args: ["mcp-server-git", "--repository /srv/shop"], env: {}, risk: "medium", tools: null });
  });
});
