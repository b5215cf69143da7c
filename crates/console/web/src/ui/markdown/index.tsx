// What agents and people write, as Markdown. It is cut into blocks, and only a block that changes is rendered again, so that an
// answer of any length streams without a flicker. It can run nothing and loads nothing: HTML in it is shown as it was
// written, pictures from elsewhere become links, and links leave in a tab of their own.
import { memo, useMemo, useRef } from "react";
import type { Token } from "marked";
import { Blocks } from "./blocks";
import { Piece } from "./render";

interface BlockProps {
  token: Token;
  growing: boolean;
}

const Block = memo(
  function Block({ token, growing }: BlockProps) {
    return <Piece token={token} growing={growing} />;
  },
  (a, b) => a.token.raw === b.token.raw && a.token.type === b.token.type && a.growing === b.growing,
);

interface MarkdownProps {
  text: string;
  /** Whether more of it is coming. */
  growing?: boolean;
}

export const Markdown = memo(function Markdown({ text, growing = false }: MarkdownProps) {
  const cut = useRef<Blocks | null>(null);
  const blocks = useMemo(() => (cut.current ??= new Blocks()).of(text), [text]);
  return (
    <div className="text-[0.9375rem] first:[&>*]:mt-0 last:[&>*]:mb-0">
      {blocks.map((block, n) => (
        <Block key={n} token={block} growing={growing && n === blocks.length - 1} />
      ))}
    </div>
  );
});
