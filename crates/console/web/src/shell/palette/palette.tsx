// The palette: everything that is known, found by a few letters.
import type { KeyboardEvent } from "react";
import { useEffect, useMemo, useRef, useState } from "react";
import { useRouter } from "@tanstack/react-router";
import { ArrowRight, CalendarClock, CircleCheck, MessagesSquare, Play, Search, Workflow, Zap } from "lucide-react";
import type { VListHandle } from "virtua";
import { VList } from "virtua";
import { useRows } from "@/live/feed";
import { cx } from "@/ui/classes";
import { Keys } from "@/shell/keycap";
import { useActions } from "./actions";
import type { Entry, Group } from "./entries";
import { known, ordered } from "./entries";
import type { Match } from "./fuzzy";
import { ranked } from "./fuzzy";

const ROW_PX = 40;
const ROWS_SHOWN_MAX = 10;

interface PaletteProps {
  admin: boolean;
  onClose: () => void;
  help: () => void;
  fold: () => void;
}

export function Palette({ admin, onClose, help, fold }: PaletteProps) {
  const [query, setQuery] = useState("");
  const [at, setAt] = useState(0);
  const dialog = useRef<HTMLDialogElement>(null);
  const list = useRef<VListHandle>(null);
  const found = useFound(query, { admin, help, fold });
  const choose = useChoose(onClose);
  useEffect(() => {
    const element = dialog.current;
    if (element !== null && !element.open) element.showModal();
    return () => element?.close();
  }, []);
  const go = (to: number) => {
    const next = Math.max(0, Math.min(found.length - 1, to));
    setAt(next);
    list.current?.scrollToIndex(next, { align: "nearest" });
  };
  const walk = (event: KeyboardEvent) => {
    const steps: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + ROWS_SHOWN_MAX, PageUp: at - ROWS_SHOWN_MAX };
    const to = steps[event.key];
    if (to !== undefined) {
      event.preventDefault();
      // At either end it goes on at the other.
      go(event.key === "ArrowDown" && to >= found.length ? 0 : event.key === "ArrowUp" && to < 0 ? found.length - 1 : to);
      return;
    }
    const chosen = found[at];
    if (event.key === "Enter" && !event.nativeEvent.isComposing && chosen !== undefined) {
      event.preventDefault();
      choose(chosen.item);
    }
  };
  return (
    <dialog
      ref={dialog}
      aria-label="Find anything"
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onPointerDown={(event) => {
        if (event.target === dialog.current) onClose();
      }}
      className="mx-auto mt-[min(12dvh,7rem)] mb-auto w-[calc(100vw-1.5rem)] max-w-xl overflow-hidden rounded-xl border border-line bg-raised p-0 text-ink shadow-2xl"
    >
      <div className="flex items-center gap-2 border-b border-line px-3">
        <Search size={16} aria-hidden className="text-soft" />
        <input
          type="text"
          role="combobox"
          aria-label="Find anything"
          aria-expanded={found.length > 0}
          aria-controls="palette-found"
          aria-activedescendant={found[at] === undefined ? undefined : optionId(found[at].item)}
          aria-autocomplete="list"
          autoComplete="off"
          spellCheck={false}
          placeholder="Find sessions, runs, workflows, actions…"
          value={query}
          onChange={(event) => {
            setQuery(event.target.value);
            setAt(0);
            list.current?.scrollToIndex(0);
          }}
          onKeyDown={walk}
          className="h-12 min-w-0 flex-1 bg-transparent text-base outline-none"
        />
        <Keys keys="Esc" />
      </div>
      {found.length === 0 ? (
        <p role="status" className="px-4 py-8 text-center text-sm text-soft">
          Nothing fits. Older sessions and runs than the newest 200 are found on their pages.
        </p>
      ) : (
        <VList
          ref={list}
          id="palette-found"
          role="listbox"
          aria-label="What fits"
          itemSize={ROW_PX}
          style={{ height: Math.min(found.length, ROWS_SHOWN_MAX) * ROW_PX + 12 }}
          className="py-1.5"
        >
          {found.map(({ item, match }, n) => (
            <Option key={`${item.group}${item.id}`} entry={item} match={match} active={n === at} onPoint={() => setAt(n)} onChoose={() => choose(item)} />
          ))}
        </VList>
      )}
    </dialog>
  );
}

const text = (entry: Entry) => `${entry.name} ${entry.beside ?? ""} ${entry.group}`;
const optionId = (entry: Entry) => `palette-${entry.group}-${entry.id}`;

function useFound(query: string, doing: { admin: boolean; help: () => void; fold: () => void }) {
  const actions = useActions(doing);
  const [session, execution, workflow, trigger, approval] = [useRows("session"), useRows("execution"), useRows("workflow"), useRows("trigger"), useRows("approval")];
  const rows = useMemo(() => known({ session, execution, workflow, trigger, approval }), [session, execution, workflow, trigger, approval]);
  return ranked(query, ordered(rows, actions), text);
}

function useChoose(onClose: () => void) {
  const router = useRouter();
  return (entry: Entry) => {
    // The dialog goes first: it gives the focus back, and what comes may want it.
    onClose();
    if (entry.to !== undefined) router.history.push(entry.to);
    else entry.act?.();
  };
}

interface OptionProps {
  entry: Entry;
  match: Match;
  active: boolean;
  onPoint: () => void;
  onChoose: () => void;
}

const pictures: Record<Group, typeof Zap> = {
  Actions: Zap,
  Pages: ArrowRight,
  Approvals: CircleCheck,
  Sessions: MessagesSquare,
  Runs: Play,
  Workflows: Workflow,
  Triggers: CalendarClock,
};

function Option({ entry, match, active, onPoint, onChoose }: OptionProps) {
  const Picture = pictures[entry.group];
  return (
    // The field above has the focus and the keys; this is for the mouse.
    // eslint-disable-next-line jsx-a11y/click-events-have-key-events
    <div
      id={optionId(entry)}
      role="option"
      tabIndex={-1}
      aria-selected={active}
      onPointerMove={active ? undefined : onPoint}
      onClick={onChoose}
      className={cx("mx-1.5 flex h-10 cursor-pointer items-center gap-2 rounded-md px-2.5 text-sm", active && "bg-accent-soft text-accent")}
    >
      <Picture size={15} aria-hidden className={cx("shrink-0", !active && "text-soft")} />
      <span className="min-w-0 flex-1 truncate">
        <Marked text={entry.name} at={match.at} />
        {entry.beside !== undefined && <span className={cx("ml-2 text-xs", active ? "text-accent" : "text-soft")}>{entry.beside}</span>}
      </span>
      {entry.keys !== undefined && <Keys keys={entry.keys} />}
      <span className={cx("hidden text-xs sm:inline", active ? "text-accent" : "text-soft")}>{entry.group}</span>
    </div>
  );
}

/** A text with the letters marked that were found. */
function Marked({ text: whole, at }: { text: string; at: number[] }) {
  const places = new Set(at);
  const pieces: { text: string; found: boolean }[] = [];
  whole.split("").forEach((letter, n) => {
    const found = places.has(n);
    const last = pieces[pieces.length - 1];
    if (last !== undefined && last.found === found) last.text += letter;
    else pieces.push({ text: letter, found });
  });
  return pieces.map((piece, n) =>
    piece.found ? (
      <b key={n} className="font-semibold underline underline-offset-2">
        {piece.text}
      </b>
    ) : (
      <span key={n}>{piece.text}</span>
    ),
  );
}
