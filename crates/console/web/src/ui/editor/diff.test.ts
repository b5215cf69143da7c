import { expect, it } from "vitest";
import { diffOf, stretches } from "./diff";

const text = (lines: string[]) => `${lines.join("\n")}\n`;

it("a diff keeps every line of both texts, with its numbers", () => {
  expect(diffOf(text(["a", "b", "c"]), text(["a", "x", "c", "d"]))).toEqual([
    { is: "same", text: "a", before: 1, after: 1 },
    { is: "removed", text: "b", before: 2 },
    { is: "added", text: "x", after: 2 },
    { is: "same", text: "c", before: 3, after: 3 },
    { is: "added", text: "d", after: 4 },
  ]);
});

it("what is far from a change is folded", () => {
  const lines = Array.from({ length: 20 }, (_, n) => `line ${n}`);
  const changed = lines.map((line, n) => (n === 10 ? "other" : line));
  expect(stretches(diffOf(text(lines), text(changed))).map((part) => [part.folded, part.lines.length])).toEqual([
    [true, 7],
    [false, 8],
    [true, 6],
  ]);
});

it("a last line without an end is no change of it", () => {
  expect(diffOf("a\nb", "a\nb\n").map((line) => line.is)).toEqual(["same", "same"]);
});
