// The prompts that wait for their turn, in order: they can be changed, moved, taken back, or made to go first.
import type { DragEvent, FormEvent, KeyboardEvent } from "react";
import { useState } from "react";
import { ArrowDown, ArrowUp, ChevronsUp, GripVertical, LoaderCircle, Paperclip, Pencil, Undo2 } from "lucide-react";
import type { QueuedPrompt } from "@/api/types";
import type { ChatState } from "@/live/chat/state";
import { sameItems, useStore } from "@/live/store";
import { useMe } from "@/shell/me";
import { Badge } from "@/ui/badge";
import { Button, IconButton } from "@/ui/button";
import { cx } from "@/ui/classes";
import { Textarea } from "@/ui/field";
import { Ago } from "@/ui/time";
import { useChat, useKnown } from "../context";
import { useMay, useRole } from "../rights";
import { useAct } from "./act";
import { modes } from "./choices";
import { putBack } from "./draft";
import { turnsOf } from "./entries";
import { SentView } from "./sent";

export function Queue({ thread }: { thread: string }) {
  const chat = useChat();
  const queue = useKnown((state: ChatState) => state.queue.filter((one) => one.thread === thread), sameItems);
  const open = useKnown((state) => turnsOf(state, thread).length > 0);
  const prompts = useStore(chat.outbox.prompts, allPrompts);
  // While nothing runs, what is on its way stands in the transcript.
  const sent = open ? prompts.filter((one) => (one.command.thread ?? thread) === thread) : [];
  const [dragged, setDragged] = useState<string | null>(null);
  const { act } = useAct();
  if (queue.length === 0 && sent.length === 0) return null;
  const move = (prompt: string, to: number) => {
    const others = queue.filter((one) => one.prompt !== prompt);
    act({ type: "queue.move", prompt, before: others[to]?.prompt ?? null });
  };
  return (
    <section aria-label="Waiting prompts" className="mb-2 max-h-[35dvh] overflow-y-auto rounded-xl border border-line bg-surface">
      {queue.length > 0 && (
        <>
          <h2 className="px-3 pt-2 text-xs font-medium text-soft">{queue.length === 1 ? "1 prompt waits" : `${queue.length} prompts wait`}</h2>
          <ol>
            {queue.map((one, at) => (
              <Row
                key={one.prompt}
                queued={one}
                at={at}
                last={at === queue.length - 1}
                onMove={(to) => move(one.prompt, to)}
                onDrag={setDragged}
                onDrop={dragged === null || dragged === one.prompt ? undefined : () => move(dragged, at)}
              />
            ))}
          </ol>
        </>
      )}
      {sent.map((one) =>
        one.refused === undefined ? (
          <p key={one.id} className="flex items-center gap-2 px-3 py-1.5 text-sm text-soft">
            <LoaderCircle size={13} className="shrink-0 animate-spin" role="img" aria-label="being sent" />
            <span className="min-w-0 truncate">{one.command.text}</span>
          </p>
        ) : (
          <div key={one.id} className="px-3">
            <SentView sent={one} />
          </div>
        ),
      )}
    </section>
  );
}

const allPrompts = <T,>(prompts: T) => prompts;

interface RowProps {
  queued: QueuedPrompt;
  at: number;
  last: boolean;
  onMove: (to: number) => void;
  onDrag: (prompt: string | null) => void;
  /** Takes what is dragged to this place. */
  onDrop: (() => void) | undefined;
}

function Row({ queued, at, last, onMove, onDrag, onDrop }: RowProps) {
  const chat = useChat();
  const me = useMe();
  const role = useRole();
  const may = useMay("collaborator");
  const own = may && (role === "owner" || me?.user === queued.author);
  const [editing, setEditing] = useState(false);
  const [over, setOver] = useState(false);
  const { busy, act } = useAct();
  if (editing) return <Edit queued={queued} onDone={() => setEditing(false)} />;
  const drag = (event: DragEvent) => {
    if (onDrop === undefined) return;
    event.preventDefault();
    setOver(event.type === "dragover");
    if (event.type === "drop") onDrop();
  };
  const keys = (event: KeyboardEvent) => {
    if (!event.altKey || !may) return;
    if (event.key === "ArrowUp" && at > 0) onMove(at - 1);
    else if (event.key === "ArrowDown" && !last) onMove(at + 1);
    else return;
    event.preventDefault();
  };
  const withdraw = () =>
    act({ type: "queue.withdraw", prompt: queued.prompt }, (reply) => {
      if (reply.outcome === "withdrawn") putBack(chat.session, reply.text);
    });
  return (
    // The buttons do the same; dragging and Alt with the arrows are shortcuts.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <li
      draggable={own}
      onDragStart={() => onDrag(queued.prompt)}
      onDragEnd={() => onDrag(null)}
      onDragOver={drag}
      onDragLeave={() => setOver(false)}
      onDrop={drag}
      onKeyDown={keys}
      className={cx("flex flex-wrap items-center gap-x-2 px-3 py-1", over && "bg-accent-soft")}
    >
      {own && <GripVertical size={14} aria-hidden className="-ml-1 shrink-0 cursor-grab text-soft" />}
      <span className="min-w-28 flex-1">
        <span className="line-clamp-2 text-sm wrap-anywhere">{queued.text}</span>
        <span className="flex items-center gap-1.5 text-xs text-soft">
          {queued.author_name}, <Ago at={queued.queued_at} />
          {queued.mode !== "followup" && <Badge tone="accent">{modes[queued.mode].name}</Badge>}
          {queued.attachments.length > 0 && (
            <span className="flex items-center gap-0.5">
              <Paperclip size={11} aria-hidden />
              {queued.attachments.join(", ")}
            </span>
          )}
        </span>
      </span>
      {own && (
        <span className="ml-auto flex">
          <IconButton label="Move up" small disabled={at === 0 || busy} onClick={() => onMove(at - 1)}>
            <ArrowUp size={14} aria-hidden />
          </IconButton>
          <IconButton label="Move down" small disabled={last || busy} onClick={() => onMove(at + 1)}>
            <ArrowDown size={14} aria-hidden />
          </IconButton>
          <IconButton label="Edit" small disabled={busy} onClick={() => setEditing(true)}>
            <Pencil size={14} aria-hidden />
          </IconButton>
          {queued.mode !== "steer" && (
            <IconButton label="Steer with it now" small disabled={busy} onClick={() => act({ type: "queue.promote", prompt: queued.prompt })}>
              <ChevronsUp size={14} aria-hidden />
            </IconButton>
          )}
          <IconButton label="Take it back" small disabled={busy} onClick={withdraw}>
            <Undo2 size={14} aria-hidden />
          </IconButton>
        </span>
      )}
    </li>
  );
}

function Edit({ queued, onDone }: { queued: QueuedPrompt; onDone: () => void }) {
  const [text, setText] = useState(queued.text);
  const { busy, act } = useAct();
  const save = (event: FormEvent) => {
    event.preventDefault();
    if (text.trim() === "" || text === queued.text) return onDone();
    act({ type: "queue.edit", prompt: queued.prompt, text }, onDone);
  };
  const keys = (event: KeyboardEvent) => {
    if (event.key === "Escape") onDone();
    else if (event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing) save(event);
  };
  return (
    <li className="px-3 py-1.5">
      <form onSubmit={save} className="flex flex-col gap-1.5">
        {/* It was asked for by pressing the button that stood here. */}
        {/* eslint-disable-next-line jsx-a11y/no-autofocus */}
        <Textarea aria-label="Text of the waiting prompt" autoFocus value={text} onChange={(event) => setText(event.target.value)} onKeyDown={keys} className="min-h-16" />
        <span className="flex justify-end gap-1.5">
          <Button small onClick={onDone}>
            Leave as it was
          </Button>
          <Button small look="primary" type="submit" busy={busy}>
            Save
          </Button>
        </span>
      </form>
    </li>
  );
}
