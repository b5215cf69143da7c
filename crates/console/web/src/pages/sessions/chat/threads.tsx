// The threads of a session as tabs, a new one, and their names.
import type { FormEvent } from "react";
import { useState } from "react";
import { Pencil, Plus } from "lucide-react";
import type { ThreadView } from "@/api/types";
import type { ChatState } from "@/live/chat/state";
import { Dot } from "@/ui/badge";
import { Button, IconButton } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Field, Input } from "@/ui/field";
import { Tabs } from "@/ui/tabs";
import { useKnown } from "../context";
import { useMay } from "../rights";
import { useAct } from "./act";
import { defaultThread } from "@/live/chat/state";

/** Returns the threads that people talk in: those of a run's steps close, and are read with the run. */
export function spokenThreads(state: ChatState): ThreadView[] {
  const main = defaultThread(state.threads);
  const ofSteps = new Set<string>();
  for (const turn of state.turns.values()) if (turn.step != null) ofSteps.add(turn.thread);
  for (const message of state.messages) if (message.step != null) ofSteps.add(message.thread);
  return state.threads.filter((thread) => thread.id === main || !ofSteps.has(thread.id));
}

const threadsOf = (state: ChatState) => state.threads;
const sameIds = (a: ThreadView[], b: ThreadView[]) => a.length === b.length && a.every((thread, n) => thread === b[n]);

export function Threads({ current, onChange, panel }: { current: string; onChange: (thread: string) => void; panel: string }) {
  const threads = useKnown(spokenThreads, sameIds);
  const main = useKnown((state) => defaultThread(threadsOf(state)));
  const waiting = useKnown((state) => state.questions.map((one) => one.thread).join(" "));
  const working = useKnown((state) => [...state.turns.values()].map((turn) => turn.thread).join(" "));
  const may = useMay("collaborator");
  const [naming, setNaming] = useState<ThreadView | null>(null);
  const shown = threads.find((thread) => thread.id === current);
  if (threads.length < 2) return null;
  const tabs = threads.map((thread) => ({
    key: thread.id,
    label: (
      <>
        {waiting.includes(thread.id) ? <Dot tone="warn" label="a question is open" /> : working.includes(thread.id) ? <Dot tone="busy" label="working" /> : null}
        <span className="max-w-40 truncate">{nameOf(thread, main)}</span>
      </>
    ),
  }));
  return (
    <div className="flex items-center border-t border-line">
      <Tabs label="Threads" tabs={tabs} current={current} onChange={onChange} panel={panel} small />
      {may && shown !== undefined && (
        <IconButton label={`Rename ${nameOf(shown, main)}`} small onClick={() => setNaming(shown)}>
          <Pencil size={13} aria-hidden />
        </IconButton>
      )}
      {naming !== null && <NameThread thread={naming} onDone={() => setNaming(null)} />}
    </div>
  );
}

function nameOf(thread: ThreadView, main: string | undefined): string {
  return thread.title || (thread.id === main ? "Main" : "Thread");
}

/** Opens a thread beside the others. */
export function NewThread({ onOpened }: { onOpened: (thread: string) => void }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button small look="quiet" icon={<Plus size={14} aria-hidden />} onClick={() => setOpen(true)} title="Open a thread" className="@max-lg:w-7 @max-lg:px-0!">
        <span className="@max-lg:sr-only">Thread</span>
      </Button>
      {open && <NameThread onDone={() => setOpen(false)} onOpened={onOpened} />}
    </>
  );
}

function NameThread({ thread, onDone, onOpened }: { thread?: ThreadView; onDone: () => void; onOpened?: (thread: string) => void }) {
  const [title, setTitle] = useState(thread?.title ?? "");
  const { busy, act } = useAct();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (title.trim() === "") return;
    act(thread === undefined ? { type: "thread.open", title } : { type: "thread.rename", thread: thread.id, title }, (reply) => {
      if (reply.outcome === "thread_opened") onOpened?.(reply.thread);
      onDone();
    });
  };
  return (
    <Dialog
      title={thread === undefined ? "Open a thread" : "Rename the thread"}
      onClose={onDone}
      actions={
        <Button look="primary" type="submit" form="name-thread" busy={busy} disabled={title.trim() === ""}>
          {thread === undefined ? "Open" : "Rename"}
        </Button>
      }
    >
      <form id="name-thread" onSubmit={submit}>
        <Field label="Name" hint={thread === undefined ? "A thread has its own conversation with the agent, in the same workspace." : undefined}>
          {(control) => <Input {...control} value={title} onChange={(event) => setTitle(event.target.value)} maxLength={200} />}
        </Field>
      </form>
    </Dialog>
  );
}
