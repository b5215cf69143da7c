// What agents and people write, as Markdown. It is cut into blocks, and only a block that changes is read again, so that an
// answer of any length streams without a flicker. It can run nothing and loads nothing: HTML in it is shown as it was
// written, pictures from elsewhere become links, and links leave in a tab of their own.
import { memo, useMemo, useRef } from "react";
import { lexer } from "marked";
import type { Components } from "react-markdown";
import ReactMarkdown, { defaultUrlTransform } from "react-markdown";
import gfm from "remark-gfm";
import { Code } from "./code";

/** Blocks that are read again with every piece: a list or a table may still go on. */
const OPEN_BLOCKS = 2;

/** Cuts a text that only grows into blocks; what is settled is not looked at again. */
export class Blocks {
  #text = "";
  #settled: string[] = [];
  #settledLength = 0;

  of(text: string): string[] {
    if (!text.startsWith(this.#text.slice(0, this.#settledLength))) {
      this.#settled = [];
      this.#settledLength = 0;
    }
    this.#text = text;
    const open = lexer(text.slice(this.#settledLength)).map((token) => token.raw);
    while (open.length > OPEN_BLOCKS) {
      const block = open.shift() as string;
      this.#settled.push(block);
      this.#settledLength += block.length;
    }
    return [...this.#settled, ...open];
  }
}

const components: Components = {
  a: ({ href, children }) =>
    // What leads nowhere that is safe stays text.
    !href ? (
      <span>{children}</span>
    ) : (
    <a href={href} target="_blank" rel="noreferrer noopener" className="text-accent underline underline-offset-2">
      {children}
    </a>
    ),
  img: ({ src, alt }) =>
    typeof src === "string" && src.startsWith("data:image/") ? (
      <img src={src} alt={alt ?? ""} className="my-2 max-h-96 max-w-full rounded" />
    ) : (
      <a href={src as string} target="_blank" rel="noreferrer noopener" className="text-accent underline">
        {alt || "picture"}
      </a>
    ),
  pre: ({ children }) => <>{children}</>,
  code: ({ className, children }) => {
    const text = String(children ?? "");
    const language = /language-(\S+)/.exec(className ?? "")?.[1];
    if (language === undefined && !text.includes("\n")) return <InlineCode text={text} />;
    return <Code text={text.replace(/\n$/, "")} language={language} />;
  },
  table: ({ children }) => (
    <div className="my-2 overflow-x-auto">
      <table className="border-collapse text-sm">{children}</table>
    </div>
  ),
  th: ({ children }) => <th className="border border-line bg-sunken px-2 py-1 text-left font-semibold">{children}</th>,
  td: ({ children }) => <td className="border border-line px-2 py-1 align-top">{children}</td>,
  h1: ({ children }) => <h3 className="mt-4 mb-2 text-lg font-semibold">{children}</h3>,
  h2: ({ children }) => <h3 className="mt-4 mb-2 text-base font-semibold">{children}</h3>,
  h3: ({ children }) => <h4 className="mt-3 mb-1 font-semibold">{children}</h4>,
  p: ({ children }) => <p className="my-2 wrap-anywhere">{children}</p>,
  ul: ({ children }) => <ul className="my-2 list-disc pl-6">{children}</ul>,
  ol: ({ children, start }) => (
    <ol start={start} className="my-2 list-decimal pl-6">
      {children}
    </ol>
  ),
  blockquote: ({ children }) => <blockquote className="my-2 border-l-2 border-line-strong pl-3 text-soft">{children}</blockquote>,
  hr: () => <hr className="my-4 border-line" />,
};

function InlineCode({ text }: { text: string }) {
  return <code className="rounded bg-sunken px-1 py-0.5 font-mono text-[0.85em] wrap-anywhere">{text}</code>;
}

const plugins = [gfm];
/** Pictures that come along in the text are let through; everything else as the library judges it. */
const addresses = (address: string, key: string) => (key === "src" && address.startsWith("data:image/") ? address : defaultUrlTransform(address));

/** Code that is still growing is coloured when it is whole. */
const growingComponents: Components = {
  ...components,
  code: ({ className, children }) => {
    const text = String(children ?? "");
    const language = /language-(\S+)/.exec(className ?? "")?.[1];
    if (language === undefined && !text.includes("\n")) return <InlineCode text={text} />;
    return <Code text={text.replace(/\n$/, "")} language={language} growing />;
  },
};

const Block = memo(function Block({ text, growing }: { text: string; growing: boolean }) {
  return (
    <ReactMarkdown remarkPlugins={plugins} components={growing ? growingComponents : components} urlTransform={addresses}>
      {text}
    </ReactMarkdown>
  );
});

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
        <Block key={n} text={block} growing={growing && n === blocks.length - 1} />
      ))}
    </div>
  );
});
