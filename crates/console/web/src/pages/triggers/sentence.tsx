// What the server says in words: it begins with a capital, what stands in backticks looks like code, and runs can be gone to.
import { Link } from "@tanstack/react-router";

const PIECES = /(`[^`]+`|\brun [0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/;

export function Sentence({ text }: { text: string }) {
  return capital(text)
    .split(PIECES)
    .map((piece, n) => {
      // Every other piece is what was looked for.
      if (n % 2 === 0) return piece;
      if (piece.startsWith("`")) {
        return (
          <code key={n} className="font-mono text-[0.9em] font-medium">
            {piece.slice(1, -1)}
          </code>
        );
      }
      const run = piece.slice("run ".length);
      return (
        <Link key={n} to="/runs/$run" params={{ run }} className="text-accent underline underline-offset-2">
          run {run.slice(0, 8)}…
        </Link>
      );
    });
}

export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
