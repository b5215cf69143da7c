// How well a text fits what was typed: every word has to be found, its letters in order, best in one piece at the start of a word.

export interface Match {
  score: number;
  /** The places of the letters that were found. */
  at: number[];
}

const START = 8;
const RUN = 5;
const GAP_MAX = 3;
const TEXT_MAX = 300;

/** Returns how well `text` fits `query`; null when it does not. An empty query fits everything. */
export function fuzzy(query: string, text: string): Match | null {
  const folded = text.slice(0, TEXT_MAX).toLowerCase();
  let score = 0;
  const at = new Set<number>();
  for (const word of query.toLowerCase().split(/\s+/).filter(Boolean)) {
    const found = best(word, folded);
    if (found === null) return null;
    score += found.score;
    for (const place of found.at) at.add(place);
  }
  // Of equally good ones the shorter text is meant rather.
  return { score: score - folded.length / 100, at: [...at].sort((a, b) => a - b) };
}

/** Tries every place where the word may begin, and takes the best. */
function best(word: string, text: string): Match | null {
  let found: Match | null = null;
  for (let from = text.indexOf(word.charAt(0)); from !== -1; from = text.indexOf(word.charAt(0), from + 1)) {
    const tried = begunAt(word, text, from);
    // What does not fit from here fits from no later place.
    if (tried === null) break;
    if (found === null || tried.score > found.score) found = tried;
  }
  return found;
}

function begunAt(word: string, text: string, from: number): Match | null {
  const at = [from];
  let score = isStart(text, from) ? START : 0;
  for (const letter of word.slice(1)) {
    const last = at[at.length - 1] ?? from;
    const next = text.indexOf(letter, last + 1);
    if (next === -1) return null;
    const gap = next - last - 1;
    score += gap === 0 ? RUN : isStart(text, next) ? START / 2 : -Math.min(gap, GAP_MAX);
    at.push(next);
  }
  return { score: score + 1, at };
}

const isStart = (text: string, at: number): boolean => at === 0 || /[\s\-_/.:#(]/.test(text.charAt(at - 1));

/** Returns what fits, the best first; those that fit equally well stay in their order. */
export function ranked<T>(query: string, items: readonly T[], text: (item: T) => string): { item: T; match: Match }[] {
  const found: { item: T; match: Match; place: number }[] = [];
  items.forEach((item, place) => {
    const match = fuzzy(query, text(item));
    if (match !== null) found.push({ item, match, place });
  });
  if (query.trim() !== "") found.sort((a, b) => b.match.score - a.match.score || a.place - b.place);
  return found;
}
