// The agent's thinking aloud, folded: a line says that there is some.
import { memo, useState } from "react";
import { ChevronRight } from "lucide-react";
import { cx } from "@/ui/classes";
import { Markdown } from "@/ui/markdown";

export const Thought = memo(function Thought({ text, growing }: { text: string; growing: boolean }) {
  const [open, setOpen] = useState(false);
  return (
    <div className="my-2">
      <button type="button" aria-expanded={open} onClick={() => setOpen(!open)} className="flex items-center gap-1 rounded text-sm text-soft hover:text-ink">
        <ChevronRight size={15} aria-hidden className={cx("transition-transform", open && "rotate-90")} />
        <span className={growing ? "animate-pulse" : ""}>{growing ? "Thinking…" : "Thoughts"}</span>
      </button>
      {open && (
        <div className="mt-1 ml-1.5 border-l-2 border-line pl-3 text-soft">
          <Markdown text={text} />
        </div>
      )}
    </div>
  );
});
