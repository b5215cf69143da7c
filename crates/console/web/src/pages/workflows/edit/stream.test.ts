import { expect, it } from "vitest";
import type { DraftEvent } from "./stream";
import { EventReader, begun, foldDraft } from "./stream";

it("events are read whole, however they are cut, and heartbeats are none", () => {
  const text = 'data: {"type":"text","text":"a"}\n\n: still here\n\nevent: x\ndata: {"type":\ndata: "checking"}\n\n';
  for (const size of [1, 7, 1000]) {
    const reader = new EventReader();
    const found: string[] = [];
    for (let at = 0; at < text.length; at += size) found.push(...reader.take(text.slice(at, at + size)));
    expect(found.map((data) => JSON.parse(data) as unknown)).toEqual([{ type: "text", text: "a" }, { type: "checking" }]);
  }
});

it("the words of a round begin anew when the model is asked again", () => {
  const events: DraftEvent[] = [
    { type: "text", text: "name" },
    { type: "text", text: ": A" },
    { type: "checking" },
    { type: "repair", repair: 1, repairs_max: 2, mistakes: [{ path: "workflow.steps", code: "missing_field", message: "`steps` is missing" }] },
    { type: "text", text: "again" },
  ];
  expect(foldDraft(events.slice(0, 3).reduce(foldDraft, begun), { type: "checking" })).toMatchObject({ text: "name: A", checking: true, repairs: [] });
  expect(events.reduce(foldDraft, begun)).toMatchObject({ text: "again", checking: false, repairs: [{ repair: 1 }] });
});
