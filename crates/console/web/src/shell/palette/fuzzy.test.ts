import { describe, expect, it } from "vitest";
import { fuzzy, ranked } from "./fuzzy";

const order = (query: string, ...texts: string[]) => ranked(query, texts, (text) => text).map(({ item }) => item);

describe("what fits", () => {
  it("has the letters in their order", () => {
    expect(fuzzy("ndr", "Nightly dependency report")).not.toBeNull();
    expect(fuzzy("rdn", "Nightly dependency")).toBeNull();
    expect(fuzzy("nightlyx", "Nightly")).toBeNull();
  });

  it("has every word, in any order", () => {
    expect(fuzzy("report night", "Nightly dependency report")).not.toBeNull();
    expect(fuzzy("report day", "Nightly report")).toBeNull();
  });

  it("is everything while nothing was typed, in its order", () => {
    expect(order(" ", "b", "a")).toEqual(["b", "a"]);
  });

  it("is better in one piece, and at the start of a word", () => {
    expect(order("rel", "cruel", "Prerelease", "Release check", "r-e-l")[0]).toBe("Release check");
    expect(order("test", "The fastest", "Run the tests")).toEqual(["Run the tests", "The fastest"]);
    expect(order("ndr", "understand order", "Nightly dependency report")[0]).toBe("Nightly dependency report");
  });

  it("is better when it is short", () => {
    expect(order("demo", "Demo of everything that there is", "Demo")).toEqual(["Demo", "Demo of everything that there is"]);
  });

  it("says where the letters are", () => {
    expect(fuzzy("rel", "Prod release")?.at).toEqual([5, 6, 7]);
  });

  it("takes long texts and odd ones without trouble", () => {
    expect(fuzzy("aaaaaaaaab", "a".repeat(5000))).toBeNull();
    expect(fuzzy("(", "f(x)")).not.toBeNull();
  });
});
