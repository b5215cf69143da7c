// What a command has printed: live while it runs, its last lines when it is over, all of it on demand.
import type { ReactNode } from "react";
import { useEffect, useRef } from "react";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { CopyButton } from "@/ui/copy";
import { cx } from "@/ui/classes";
import { useFold } from "./fold";
import type { Ended } from "./read";
import { counted } from "./read";

/** So many lines are shown of what is over; the rest is a click away. */
const LINES_SHOWN = 8;

export function CommandLine({ command }: { command: string }) {
  return (
    <div className="group flex items-start gap-2 rounded-md bg-sunken py-1 pr-1 pl-2.5 font-mono text-xs leading-5">
      <span aria-hidden className="text-soft select-none">
        $
      </span>
      <code className="max-h-40 min-w-0 flex-1 overflow-y-auto wrap-anywhere whitespace-pre-wrap">{command}</code>
      <span className="-my-1 opacity-0 group-focus-within:opacity-100 group-hover:opacity-100">
        <CopyButton text={command} label="Copy command" />
      </span>
    </div>
  );
}

/** What a command prints while it runs. It stays at its end unless somebody has scrolled up. */
export function LiveOutput({ text }: { text: string }) {
  const box = useRef<HTMLPreElement>(null);
  const following = useRef(true);
  useEffect(() => {
    const element = box.current;
    if (element !== null && following.current) element.scrollTop = element.scrollHeight;
  }, [text]);
  return (
    <Lines
      boxRef={box}
      label="Live output"
      className="max-h-56"
      onScroll={(element) => {
        following.current = element.scrollHeight - element.scrollTop - element.clientHeight < 24;
      }}
    >
      {text === "" ? <span className="text-soft">Nothing printed yet.</span> : text}
    </Lines>
  );
}

interface OutputProps {
  ended: Ended;
  /** How it ended is said elsewhere. */
  told?: boolean;
  /** Under which it is remembered that all of it is shown. */
  remember?: string;
}

export function Output({ ended, told = false, remember }: OutputProps) {
  const { stdout, stderr, exit, signal, timedOut, cut } = ended;
  return (
    <div className="flex min-w-0 flex-col gap-1.5">
      {stdout !== "" && <Stream name="Output" text={stdout} remember={remember && `${remember}/out`} />}
      {stderr !== "" && <Stream name="Error output" text={stderr} bad remember={remember && `${remember}/err`} />}
      <p className="flex flex-wrap items-center gap-1.5 text-xs text-soft empty:hidden">
        {!told && exit !== undefined && exit !== 0 && <Badge tone="bad">exit code {exit}</Badge>}
        {!told && signal !== undefined && <Badge tone="bad">ended by {signal}</Badge>}
        {timedOut && <Badge tone="bad">timed out</Badge>}
        {stdout === "" && stderr === "" && <span>It printed nothing.</span>}
        {cut && <span>It printed more than is kept here; the workspace has the whole.</span>}
      </p>
    </div>
  );
}

/** The last lines of what was printed. */
export function Stream({ name, text, bad, remember }: { name: string; text: string; bad?: boolean; remember: string | undefined }) {
  const [all, setAll] = useFold(remember, false);
  const lines = text.replace(/\n$/, "").split("\n");
  const more = lines.length - LINES_SHOWN;
  return (
    <div className="min-w-0">
      {more > 0 && (
        <Button look="quiet" small onClick={() => setAll(!all)} aria-expanded={all} className="mb-1 h-6!">
          {all ? "Show the last lines only" : `${counted(more, "line")} before`}
        </Button>
      )}
      <Lines label={name} className={cx("max-h-96", bad && "border-l-2 border-l-bad")}>
        {all || more <= 0 ? text : lines.slice(-LINES_SHOWN).join("\n")}
      </Lines>
    </div>
  );
}

interface LinesProps {
  label: string;
  children: ReactNode;
  className?: string;
  boxRef?: React.Ref<HTMLPreElement>;
  onScroll?: (element: HTMLPreElement) => void;
}

function Lines({ label, children, className, boxRef, onScroll }: LinesProps) {
  return (
    // Scrolled by the keyboard too, so it takes the focus.
    <pre
      ref={boxRef}
      role="region"
      aria-label={label}
      // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={0}
      onScroll={onScroll && ((event) => onScroll(event.currentTarget))}
      className={cx("overflow-auto rounded-md border border-line bg-sunken px-2.5 py-1.5 font-mono text-xs leading-5 wrap-anywhere whitespace-pre-wrap", className)}
    >
      {children}
    </pre>
  );
}
