// Paths of steps: `deploy:i2/check:then/push` is the step `push`, in `then` of `check`, in the third round of `deploy`.

/** One step of a path, and the place inside it where the next one stands. */
export interface Segment {
  /** The path up to here. */
  path: string;
  id: string;
  place: string | undefined;
}

export function segments(path: string): Segment[] {
  let outer = "";
  return path.split("/").map((part) => {
    const [id = part, place] = part.split(":");
    const here = outer + id;
    outer += `${part}/`;
    return { path: here, id, place };
  });
}

const words = ["then", "else", "catch"];

/** Orders places inside a step: rounds and branches by number, `catch` last. */
export function byPlace(a: string, b: string): number {
  const [one, other] = [words.indexOf(a), words.indexOf(b)];
  if (one >= 0 || other >= 0) return one - other;
  return placeNumber(a) - placeNumber(b);
}

/** The number of a round or a branch, from 0. */
export function placeNumber(place: string): number {
  return Number(place.slice(1));
}

/** Tells the rounds of loops from the branches of parallel steps. */
export const isRound = (place: string): boolean => /^i\d+$/.test(place);
export const isBranch = (place: string): boolean => /^b\d+$/.test(place);
