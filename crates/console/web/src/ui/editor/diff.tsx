// What changed between two texts, line by line; long stretches that are the same are folded.
import { useMemo, useState } from "react";
import { diffLines } from "diff";
import { cx } from "@/ui/classes";

interface Line {
  is: "same" | "added" | "removed";
  text: string;
  /** Its number in the text before and after. */
  before?: number;
  after?: number;
}

const CONTEXT = 3;

/** Lists the lines of both texts in the order in which a diff shows them. */
export function diffOf(before: string, after: string): Line[] {
  let [left, right] = [0, 0];
  return diffLines(ended(before), ended(after)).flatMap((part) => {
    const texts = part.value.replace(/\n$/, "").split("\n");
    return texts.map((text): Line => {
      if (part.added) return { is: "added", text, after: ++right };
      if (part.removed) return { is: "removed", text, before: ++left };
      return { is: "same", text, before: ++left, after: ++right };
    });
  });
}

const ended = (text: string) => (text === "" || text.endsWith("\n") ? text : `${text}\n`);

/** Cuts lines into stretches, those to fold told from those to show. */
export function stretches(lines: readonly Line[]): { folded: boolean; lines: Line[] }[] {
  const near = lines.map((line) => line.is !== "same");
  const shown = lines.map((_, n) => near.slice(Math.max(0, n - CONTEXT), n + CONTEXT + 1).some(Boolean));
  const cut: { folded: boolean; lines: Line[] }[] = [];
  lines.forEach((line, n) => {
    const folded = shown[n] !== true;
    const last = cut.at(-1);
    if (last?.folded === folded) last.lines.push(line);
    else cut.push({ folded, lines: [line] });
  });
  // A fold of one line takes as much room as the line.
  return cut.map((one) => (one.folded && one.lines.length === 1 ? { ...one, folded: false } : one));
}

export function Diff({ before, after, label = "What changed" }: { before: string; after: string; label?: string }) {
  const parts = useMemo(() => stretches(diffOf(before, after)), [before, after]);
  if (before.trimEnd() === after.trimEnd()) return <p className="p-3 text-sm text-soft">Nothing changed.</p>;
  return (
    // Scrolled by the keyboard too, so it takes the focus.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div tabIndex={0} role="region" aria-label={label} className="max-h-[60vh] overflow-auto rounded-md border border-line bg-surface font-mono text-xs leading-5">
      <div className="min-w-fit">
        {parts.map((part, n) => (
          <Stretch key={n} {...part} />
        ))}
      </div>
    </div>
  );
}

function Stretch({ folded, lines }: { folded: boolean; lines: Line[] }) {
  const [open, setOpen] = useState(!folded);
  if (!open) {
    return (
      <button type="button" onClick={() => setOpen(true)} className="block w-full bg-sunken px-3 py-0.5 text-left text-soft hover:text-ink">
        {lines.length} lines that stay
      </button>
    );
  }
  return lines.map((line, n) => <Row key={n} line={line} />);
}

const marks = { same: " ", added: "+", removed: "−" };

function Row({ line }: { line: Line }) {
  return (
    <div className={cx("flex", line.is === "added" && "bg-good-soft text-good", line.is === "removed" && "bg-bad-soft text-bad")}>
      <span aria-hidden className="w-9 shrink-0 pr-2 text-right text-soft select-none">
        {line.after ?? line.before}
      </span>
      <span className="w-4 shrink-0 select-none">
        <span aria-hidden>{marks[line.is]}</span>
        {line.is !== "same" && <span className="sr-only">{line.is}</span>}
      </span>
      <span className="pr-3 whitespace-pre">{line.text}</span>
    </div>
  );
}
