// A value as a tree that folds. Long lists and deep places are rendered when they are opened.
import { useState } from "react";
import { ChevronRight } from "lucide-react";
import { cx } from "./classes";

const OPEN_DEPTH = 1;
const CHILDREN_MAX = 100;

interface JsonProps {
  value: unknown;
  /** How deep it is open at first. */
  depth?: number;
  /** Marks paths such as `/turns/0` as changed; the way to them is open at first. */
  marked?: ReadonlySet<string>;
}

/** Shows any JSON value. */
export function Json({ value, depth = OPEN_DEPTH, marked }: JsonProps) {
  return (
    <div className="overflow-x-auto font-mono text-xs leading-5">
      <Node value={value} open={depth} path="" marked={marked} />
    </div>
  );
}

interface NodeProps {
  name?: string;
  value: unknown;
  open: number;
  path: string;
  marked: ReadonlySet<string> | undefined;
}

function Node({ name, value, open: depth, path, marked }: NodeProps) {
  const [open, setOpen] = useState(() => depth > 0 || leadsToMark(path, marked));
  const [shown, setShown] = useState(CHILDREN_MAX);
  const mark = marked?.has(path) ? "bg-warn-soft" : undefined;
  const label = name !== undefined && <span className="whitespace-pre text-accent">{name}: </span>;
  if (typeof value !== "object" || value === null) {
    return (
      <div className={cx("pl-4 wrap-anywhere whitespace-pre-wrap", mark)}>
        {label}
        <Leaf value={value} />
      </div>
    );
  }
  const list = Array.isArray(value);
  const entries = Object.entries(value);
  const brackets = list ? "[]" : "{}";
  if (entries.length === 0) {
    return (
      <div className={cx("pl-4", mark)}>
        {label}
        <span className="text-soft">{brackets}</span>
      </div>
    );
  }
  return (
    <div className={mark}>
      <button
        type="button"
        aria-expanded={open}
        aria-label={name === undefined && open ? "Value" : undefined}
        onClick={() => setOpen(!open)}
        className="flex items-center rounded text-left hover:bg-sunken"
      >
        <ChevronRight size={14} aria-hidden className={cx("w-4 shrink-0 text-soft transition-transform", open && "rotate-90")} />
        {label}
        {/* The whole has no name: what it is stands there, open or not. */}
        {(!open || name === undefined) && (
          <span className="text-soft">
            {brackets[0]} {entries.length} {list ? "items" : "fields"} {brackets[1]}
          </span>
        )}
      </button>
      {open && (
        <div className="ml-[7px] border-l border-line pl-1.5">
          {entries.slice(0, shown).map(([key, inner]) => (
            <Node key={key} name={key} value={inner} open={depth - 1} path={`${path}/${key}`} marked={marked} />
          ))}
          {entries.length > shown && (
            <button type="button" onClick={() => setShown(shown + CHILDREN_MAX)} className="pl-4 text-accent underline">
              {entries.length - shown} more
            </button>
          )}
        </div>
      )}
    </div>
  );
}

function leadsToMark(path: string, marked: ReadonlySet<string> | undefined): boolean {
  return marked !== undefined && [...marked].some((mark) => mark.startsWith(`${path}/`));
}

function Leaf({ value }: { value: unknown }) {
  if (typeof value === "string") return <span className="text-good">{JSON.stringify(value)}</span>;
  if (typeof value === "number") return <span className="text-busy">{String(value)}</span>;
  return <span className="text-warn">{String(value)}</span>;
}
