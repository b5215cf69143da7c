// Where people write: it grows with the text, Enter sends, Escape twice stops the turn.
import type { ClipboardEvent, DragEvent, KeyboardEvent } from "react";
import { useEffect, useRef, useState } from "react";
import { Paperclip, Send, Square, X } from "lucide-react";
import type { PromptMode } from "@/api/types";
import type { ChatState } from "@/live/chat/state";
import { Button, IconButton } from "@/ui/button";
import { cx } from "@/ui/classes";
import { tell } from "@/ui/toast";
import { useChat, useKnown } from "../context";
import type { Attachment } from "./attachments";
import { kilobytes, readFile, tooMuch } from "./attachments";
import { turnsOf } from "./entries";
import { Choices } from "./choices";
import { draftOf, keepDraft, listenForDraft } from "./draft";
import { useTyping } from "./typing";

/** So long a first Escape is remembered. */
const AGAIN_MS = 2_500;
const limitsOf = (state: ChatState) => state.limits;

export function PromptBox({ thread }: { thread: string }) {
  const chat = useChat();
  const limits = useKnown(limitsOf);
  const usual = useKnown((state) => state.about?.mode ?? "followup");
  const turn = useKnown((state) => turnsOf(state, thread).find((one) => one.thread === thread)?.turn);
  const stopping = useKnown((state) => turn !== undefined && state.turns.get(turn)?.phase === "cancelling");
  const [text, setText] = useState(() => draftOf(chat.session));
  const [files, setFiles] = useState<readonly Attachment[]>([]);
  const [choice, setChoice] = useState<{ mode?: PromptMode; agent?: string; model?: string }>({});
  const [dropping, setDropping] = useState(false);
  const [asked, setAsked] = useState<string | null>(null);
  const box = useRef<HTMLTextAreaElement>(null);
  const chooser = useRef<HTMLInputElement>(null);
  const typing = useTyping(thread);
  useEffect(
    () =>
      listenForDraft(chat.session, (draft) => {
        setText(draft);
        box.current?.focus();
      }),
    [chat],
  );
  useEffect(() => {
    if (asked === null) return;
    const late = setTimeout(() => setAsked(null), AGAIN_MS);
    return () => clearTimeout(late);
  }, [asked]);

  const write = (next: string) => {
    setText(next);
    keepDraft(chat.session, next);
    typing(next !== "");
  };
  const add = (list: Iterable<File>) => {
    Promise.all([...list].map(readFile)).then((read) => setFiles((held) => [...held, ...read]), tell.failed);
  };
  const wrong = tooMuch(text, files, limits);
  const ready = (text.trim() !== "" || files.length > 0) && wrong === null;
  const send = () => {
    if (!ready) return;
    chat.outbox.prompt({ type: "prompt", thread, text, ...(files.length > 0 ? { attachments: [...files] } : {}), ...choice });
    write("");
    setFiles([]);
    // The mode is for one prompt; the agent and the model are kept.
    setChoice(({ mode: _, ...kept }) => kept);
  };
  const stop = () => {
    setAsked(null);
    if (turn !== undefined) chat.ask({ type: "abort", turn }).catch(tell.failed);
  };
  const keys = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      send();
    } else if (event.key === "Escape" && turn !== undefined && !stopping) {
      event.preventDefault();
      if (asked === turn) stop();
      else setAsked(turn);
    }
  };
  const paste = (event: ClipboardEvent) => {
    if (event.clipboardData.files.length === 0) return;
    event.preventDefault();
    add(event.clipboardData.files);
  };
  const drop = (event: DragEvent) => {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    setDropping(event.type === "dragover");
    if (event.type === "drop") add(event.dataTransfer.files);
  };
  return (
    <form
      aria-label="Prompt"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
      onDragOver={drop}
      onDragLeave={drop}
      onDrop={drop}
      className={cx("rounded-xl border bg-surface shadow-sm focus-within:border-accent", dropping ? "border-accent bg-accent-soft" : "border-line-strong")}
    >
      <textarea
        ref={box}
        aria-label="What the agent should do"
        aria-describedby="prompt-told"
        value={text}
        onChange={(event) => write(event.target.value)}
        onKeyDown={keys}
        onPaste={paste}
        onBlur={() => typing(false)}
        rows={1}
        placeholder={dropping ? "Drop the files here" : "What should the agent do?"}
        className="block field-sizing-content max-h-[40dvh] min-h-11 w-full resize-none bg-transparent px-3 py-2.5 outline-none"
      />
      {files.length > 0 && <Files files={files} onRemove={(at) => setFiles(files.filter((_, n) => n !== at))} />}
      <p id="prompt-told" role="status" className={cx("px-3 text-xs", wrong === null ? "text-soft" : "pb-1 text-bad")}>
        {wrong ?? (asked !== null && asked === turn ? "Press Escape again to stop the turn." : "")}
      </p>
      <div className="flex flex-wrap items-center gap-1 px-1.5 pb-1.5">
        <IconButton label="Attach files" small onClick={() => chooser.current?.click()}>
          <Paperclip size={16} aria-hidden />
        </IconButton>
        <input
          ref={chooser}
          type="file"
          multiple
          hidden
          aria-label="Files to attach"
          onChange={(event) => {
            add(event.target.files ?? []);
            event.target.value = "";
          }}
        />
        <Choices busy={turn !== undefined} choice={choice} onChoose={setChoice} />
        <span className="ml-auto flex gap-1.5">
          {turn !== undefined && (
            <Button small busy={stopping} onClick={stop} title="Stop the turn (Escape twice)" icon={<Square size={12} aria-hidden />}>
              {stopping ? "Stopping" : "Stop"}
            </Button>
          )}
          <Button small look="primary" type="submit" disabled={!ready} icon={<Send size={13} aria-hidden />}>
            {turn === undefined ? "Send" : { steer: "Steer", collect: "Collect", followup: "Queue" }[choice.mode ?? usual]}
          </Button>
        </span>
      </div>
    </form>
  );
}

function Files({ files, onRemove }: { files: readonly Attachment[]; onRemove: (at: number) => void }) {
  return (
    <ul aria-label="Files to send" className="flex flex-wrap gap-1.5 px-3 pb-1.5">
      {files.map((file, n) => (
        <li key={n} className="flex items-center gap-1.5 rounded-md border border-line bg-sunken py-0.5 pr-0.5 pl-1.5 text-xs">
          {file.mime.startsWith("image/") && <img src={`data:${file.mime};base64,${file.data}`} alt="" className="size-6 rounded object-cover" />}
          <span className="max-w-40 truncate">{file.name}</span>
          <span className="text-soft">{kilobytes(file.data.length)}</span>
          <IconButton label={`Take ${file.name} off`} small onClick={() => onRemove(n)}>
            <X size={13} aria-hidden />
          </IconButton>
        </li>
      ))}
    </ul>
  );
}
