// What the server says in words: it begins with a capital, and what stands in backticks looks like code.
export function Sentence({ text }: { text: string }) {
  return capital(text)
    .split("`")
    .map((piece, n) =>
      n % 2 === 1 ? (
        <code key={n} className="rounded bg-sunken px-1 font-mono text-[0.9em]">
          {piece}
        </code>
      ) : (
        piece
      ),
    );
}

export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
