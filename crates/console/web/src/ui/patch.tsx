// Changes of a file as coloured lines: what came, what went, and a little around it.
import { memo } from "react";
import { parsePatch, structuredPatch } from "diff";
import { cx } from "./classes";

const LINES_MAX = 400;
/** Comparing much longer texts would hold the page up. */
const COMPARED_CHARS_MAX = 200_000;

interface Hunk {
  oldStart: number;
  newStart: number;
  lines: string[];
}

interface FileChange {
  path: string;
  hunks: Hunk[];
}

/** Compares two texts of one file. */
export function changeOf(path: string, before: string, after: string): FileChange {
  const added = (text: string, mark: string) => text.replace(/\n$/, "").split("\n").map((line) => mark + line);
  if (before === "") return { path, hunks: [{ oldStart: 0, newStart: 1, lines: added(after, "+") }] };
  if (before.length + after.length > COMPARED_CHARS_MAX) {
    return { path, hunks: [{ oldStart: 1, newStart: 1, lines: [...added(before, "-"), ...added(after, "+")] }] };
  }
  const { hunks } = structuredPatch(path, path, before, after, "", "", { context: 3 });
  return { path, hunks: hunks.map((hunk) => ({ ...hunk, lines: hunk.lines.filter((line) => !line.startsWith("\\")) })) };
}

/** Reads a unified diff; the text as it is, when it cannot be read as one. */
export function changesOf(unified: string): FileChange[] {
  try {
    return parsePatch(unified).map((file) => ({
      path: (file.newFileName === "/dev/null" ? file.oldFileName : file.newFileName)?.replace(/^[ab]\//, "") ?? file.index ?? "",
      hunks: file.hunks,
    }));
  } catch {
    return [{ path: "", hunks: [{ oldStart: 0, newStart: 0, lines: unified.split("\n").map((line) => (/^[+-]/.test(line) ? line : ` ${line}`)) }] }];
  }
}

export function counted(change: FileChange): { added: number; removed: number } {
  const lines = change.hunks.flatMap((hunk) => hunk.lines);
  return { added: lines.filter((line) => line.startsWith("+")).length, removed: lines.filter((line) => line.startsWith("-")).length };
}

/** How many lines came and went. */
export function Counts({ added, removed }: { added: number | null | undefined; removed: number | null | undefined }) {
  return (
    <span className="inline-flex gap-1.5 font-mono text-xs">
      {added != null && added > 0 && <span className="text-good">+{added}</span>}
      {removed != null && removed > 0 && <span className="text-bad">−{removed}</span>}
    </span>
  );
}

/** One file's changes. */
export const FilePatch = memo(function FilePatch({ change, className = "max-h-96" }: { change: FileChange; className?: string }) {
  const lines = change.hunks.flatMap((hunk, n) => [...(n > 0 ? [{ mark: "…", text: "", at: "" }] : []), ...numbered(hunk)]);
  return (
    // Scrolled by the keyboard too, so it takes the focus.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div tabIndex={0} role="region" aria-label={`Changes of ${change.path}`} className={cx("overflow-auto bg-surface font-mono text-xs leading-5", className)}>
      <div className="w-max min-w-full py-1">
        {lines.slice(0, LINES_MAX).map((line, n) => (
          <div key={n} className={cx("flex whitespace-pre", looks[line.mark])}>
            <span aria-hidden className="w-10 shrink-0 pr-2 text-right text-soft select-none">
              {line.at}
            </span>
            <span className="w-4 shrink-0 select-none">{line.mark}</span>
            <span className="pr-3">{line.text}</span>
          </div>
        ))}
        {lines.length > LINES_MAX && <div className="px-3 py-1 font-sans text-soft">{lines.length - LINES_MAX} more lines</div>}
      </div>
    </div>
  );
});

const looks: Record<string, string> = { "+": "bg-good-soft", "-": "bg-bad-soft", "…": "text-soft" };

function numbered(hunk: Hunk): { mark: string; text: string; at: string }[] {
  let before = hunk.oldStart;
  let after = hunk.newStart;
  return hunk.lines.map((line) => {
    const mark = line.charAt(0);
    const at = mark === "-" ? before : after;
    if (mark !== "+") before += 1;
    if (mark !== "-") after += 1;
    return { mark, text: line.slice(1), at: at > 0 ? String(at) : "" };
  });
}
