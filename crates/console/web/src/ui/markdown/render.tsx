// Each piece of a Markdown text as what the browser shows for it. HTML stays the text that it was written as.
import type { ReactNode } from "react";
import type { MarkedToken, Token, Tokens } from "marked";
import { Code } from "../code";
import { followable, isPicture, spelled } from "./words";

/** Renders tokens one after the other. */
export function rendered(tokens: readonly Token[], growing = false): ReactNode {
  return tokens.map((token, n) => <Piece key={n} token={token} growing={growing} />);
}

/** Renders one block or a piece of a line. */
export function Piece({ token, growing }: { token: Token; growing: boolean }): ReactNode {
  const known = token as MarkedToken;
  switch (known.type) {
    case "paragraph":
      return <p className="my-2 wrap-anywhere">{rendered(known.tokens)}</p>;
    case "heading":
      return <Heading {...known} />;
    case "code":
      return <Code text={known.text} language={/^\S+/.exec(known.lang ?? "")?.[0]} growing={growing} />;
    case "blockquote":
      return <blockquote className="my-2 border-l-2 border-line-strong pl-3 text-soft">{rendered(known.tokens, growing)}</blockquote>;
    case "list":
      return <List {...known} growing={growing} />;
    case "table":
      return <Table {...known} />;
    case "hr":
      return <hr className="my-4 border-line" />;
    case "text":
      return known.tokens === undefined ? spelled(known.text) : rendered(known.tokens);
    case "escape":
      return known.text;
    case "html":
      return known.block ? <p className="my-2 whitespace-pre-wrap wrap-anywhere">{known.raw.trimEnd()}</p> : known.raw;
    case "strong":
      return <strong className="font-semibold">{rendered(known.tokens)}</strong>;
    case "em":
      return <em>{rendered(known.tokens)}</em>;
    case "del":
      return <del>{rendered(known.tokens)}</del>;
    case "codespan":
      return <code className="rounded bg-sunken px-1 py-0.5 font-mono text-[0.85em] wrap-anywhere">{known.text}</code>;
    case "br":
      return <br />;
    case "link":
      return <Leading address={known.href}>{rendered(known.tokens)}</Leading>;
    case "image":
      return <Picture {...known} />;
    default:
      // Empty lines, and where links lead that are named below.
      return null;
  }
}

function Heading({ depth, tokens }: Tokens.Heading) {
  // Under the headings of the page.
  if (depth > 2) return <h4 className="mt-3 mb-1 font-semibold">{rendered(tokens)}</h4>;
  return <h3 className={depth === 1 ? "mt-4 mb-2 text-lg font-semibold" : "mt-4 mb-2 text-base font-semibold"}>{rendered(tokens)}</h3>;
}

function List({ ordered, start, items, growing }: Tokens.List & { growing: boolean }) {
  const rows = items.map((item, n) => (
    <li key={n} className={item.task ? "-ml-5 list-none" : undefined}>
      {item.task && <input type="checkbox" checked={item.checked === true} readOnly disabled aria-label={item.checked ? "done" : "to do"} className="mr-1.5 align-middle" />}
      {rendered(
        item.tokens.filter((token) => token.type !== "checkbox"),
        growing,
      )}
    </li>
  ));
  if (!ordered) return <ul className="my-2 list-disc pl-6">{rows}</ul>;
  return (
    <ol start={start === "" ? 1 : start} className="my-2 list-decimal pl-6">
      {rows}
    </ol>
  );
}

const sides = { left: "text-left", right: "text-right", center: "text-center" };

function Table({ header, rows }: Tokens.Table) {
  const side = (cell: Tokens.TableCell) => sides[cell.align ?? "left"];
  return (
    <div className="my-2 overflow-x-auto">
      <table className="border-collapse text-sm">
        <thead>
          <tr>
            {header.map((cell, n) => (
              <th key={n} className={`border border-line bg-sunken px-2 py-1 font-semibold ${side(cell)}`}>
                {rendered(cell.tokens)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, n) => (
            <tr key={n}>
              {row.map((cell, m) => (
                <td key={m} className={`border border-line px-2 py-1 align-top ${side(cell)}`}>
                  {rendered(cell.tokens)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Leading({ address, children }: { address: string; children: ReactNode }) {
  const safe = followable(address);
  // What leads nowhere that is safe stays text.
  if (safe === undefined) return <span>{children}</span>;
  return (
    <a href={safe} target="_blank" rel="noreferrer noopener" className="text-accent underline underline-offset-2">
      {children}
    </a>
  );
}

function Picture({ href, text }: Tokens.Image) {
  if (isPicture(href)) return <img src={href} alt={spelled(text)} className="my-2 max-h-96 max-w-full rounded" />;
  return <Leading address={href}>{text === "" ? "picture" : spelled(text)}</Leading>;
}
