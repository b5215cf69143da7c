import { expect, it } from "vitest";
import { asked, told } from "./known";

it("reads the change of an edit from its result", () => {
  expect(told({ diff: { path: "a.rs", old: "1", new: "2" } })).toEqual({ changes: [{ path: "a.rs", before: "1", after: "2" }], images: [] });
  expect(told({ diffs: [{ path: "a.rs", old: null, new: "2" }], text: "done" })).toEqual({ changes: [{ path: "a.rs", before: "", after: "2" }], images: [], text: "done" });
});
it("reads how a command ended", () => {
  expect(told({ exit: 101, signal: null, timed_out: false, output: "no\n" })).toEqual({
    changes: [],
    images: [],
    text: "no\n",
    exit: { code: 101, signal: null, timedOut: false },
  });
});
it("shows what it does not know as it is", () => {
  expect(told({ score: 3 })).toEqual({ changes: [], images: [], rest: { score: 3 } });
  expect(told(7)).toEqual({ changes: [], images: [], rest: 7 });
  expect(told(undefined)).toEqual({ changes: [], images: [] });
});
it("takes pictures only when they come along", () => {
  expect(told([{ type: "image", data: "AAAA", mimeType: "image/png" }, { type: "text", text: "a chart" }])).toEqual({
    changes: [],
    images: ["data:image/png;base64,AAAA"],
    text: "a chart",
  });
  expect(told("https://example.org/x.png").images).toEqual([]);
});
it("reads what an edit was given", () => {
  expect(asked("edit", { path: "a", find: "x", replace: "y" })).toEqual({ path: "a", change: { path: "a", before: "x", after: "y" } });
  expect(asked("write", { path: "a", content: "y" }).change).toEqual({ path: "a", before: "", after: "y" });
  expect(asked("append", { path: "a", text: "y" })).toEqual({ path: "a", change: { path: "a", before: "", after: "y" } });
  expect(asked("search", { path: "a", query: "q" })).toEqual({ path: "a", rest: { query: "q" } });
});
