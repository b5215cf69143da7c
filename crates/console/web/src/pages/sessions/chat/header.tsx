// The head of a chat: its title, how it stands, who is here, and what can be done with it.
import type { FormEvent } from "react";
import { useState } from "react";
import { Link } from "@tanstack/react-router";
import { ArrowLeft, CircleStop, FolderGit2, Pencil, Share2 } from "lucide-react";
import { LineWords } from "@/shell/connection";
import type { About, ChatState, Presence } from "@/live/chat/state";
import { useMe } from "@/shell/me";
import { Badge, Dot } from "@/ui/badge";
import { Button, IconButton } from "@/ui/button";
import { cx } from "@/ui/classes";
import { Dialog } from "@/ui/dialog";
import { Input } from "@/ui/field";
import { useTitle } from "@/ui/page";
import { sessionLook } from "@/ui/status";
import { useKnown } from "../context";
import { useMay } from "../rights";
import { useAct } from "./act";
import { Share } from "./share";
import { NewThread } from "./threads";

interface HeaderProps {
  about: About;
  onThread: (thread: string) => void;
  workspace: { open: boolean; toggle: () => void };
}

const lineOf = (state: ChatState) => state.line;

export function Header({ about, onThread, workspace }: HeaderProps) {
  useTitle(about.title || "Untitled session");
  const line = useKnown(lineOf);
  const may = useMay("collaborator");
  const owner = useMay("owner");
  const [open, setOpen] = useState<"share" | "terminate" | null>(null);
  const look = sessionLook(about.status);
  return (
    <div className="@container flex min-h-12 flex-wrap items-center gap-x-2 gap-y-1 px-3 py-1.5">
      <Link to="/sessions" aria-label="All sessions" className="rounded p-1.5 text-soft hover:bg-sunken lg:hidden">
        <ArrowLeft size={18} aria-hidden />
      </Link>
      <Title title={about.title} may={may} />
      <Badge tone={look.tone}>
        <Dot tone={look.tone} />
        <span className="@max-lg:sr-only">{look.word}</span>
      </Badge>
      <span role="status" className="text-xs text-soft">
        <LineWords line={line} />
      </span>
      <span className="ml-auto flex items-center gap-0.5">
        <People />
        {may && <NewThread onOpened={onThread} />}
        <IconButton label="Workspace" small aria-pressed={workspace.open} onClick={workspace.toggle} className={cx(workspace.open && "bg-accent-soft! text-accent!")}>
          <FolderGit2 size={16} aria-hidden />
        </IconButton>
        {owner && (
          <>
            <IconButton label="Share" small onClick={() => setOpen("share")}>
              <Share2 size={16} aria-hidden />
            </IconButton>
            <IconButton label="End the session" small onClick={() => setOpen("terminate")}>
              <CircleStop size={16} aria-hidden />
            </IconButton>
          </>
        )}
      </span>
      {open === "share" && <Share about={about} onClose={() => setOpen(null)} />}
      {open === "terminate" && <Terminate onClose={() => setOpen(null)} />}
    </div>
  );
}

function Title({ title, may }: { title: string; may: boolean }) {
  const [text, setText] = useState<string | null>(null);
  const { busy, act } = useAct();
  const save = (event: FormEvent) => {
    event.preventDefault();
    if (text === null || text.trim() === "" || text === title) return setText(null);
    act({ type: "title", title: text }, () => setText(null));
  };
  if (text !== null) {
    return (
      <form onSubmit={save} className="flex min-w-0 flex-1 gap-1.5">
        {/* It was asked for by pressing the button that stood here. */}
        {/* eslint-disable-next-line jsx-a11y/no-autofocus */}
        <Input aria-label="Title" autoFocus maxLength={200} value={text} onChange={(event) => setText(event.target.value)} onKeyDown={(event) => event.key === "Escape" && setText(null)} className="h-8! max-w-96" />
        <Button small look="primary" type="submit" busy={busy} className="h-8!">
          Save
        </Button>
      </form>
    );
  }
  return (
    <span className="group/title flex min-w-0 items-center gap-1">
      <h1 className="min-w-0 truncate text-base font-semibold">{title || "Untitled session"}</h1>
      {may && (
        <IconButton label="Change the title" small onClick={() => setText(title)}>
          <Pencil size={13} aria-hidden />
        </IconButton>
      )}
    </span>
  );
}

const presenceOf = (state: ChatState) => state.presence;

/** Who has the session open, oneself left out. */
function People() {
  const me = useMe();
  const others = useKnown(presenceOf).filter((one) => one.user !== me?.user || one.sockets > 1);
  if (others.length === 0) return null;
  return (
    <ul aria-label="Who is here" className="mr-1 flex -space-x-1.5">
      {others.map((one) => (
        <li key={one.user} title={said(one, me?.user)}>
          <span aria-hidden className="flex size-6 items-center justify-center rounded-full border-2 border-surface bg-accent-soft text-[0.6875rem] font-semibold text-accent uppercase">
            {one.name.slice(0, 2)}
          </span>
          <span className="sr-only">{said(one, me?.user)}</span>
        </li>
      ))}
    </ul>
  );
}

function said(one: Presence, me: string | undefined): string {
  if (one.user === me) return `You, in ${one.sockets} windows`;
  return one.typing != null ? `${one.name}, typing` : `${one.name} is here`;
}

/** Says who types in this thread: somebody else, or oneself in another window. */
export function TypingLine({ thread, main }: { thread: string; main: boolean }) {
  const me = useMe();
  const typing = useKnown(presenceOf).filter((one) => one.user !== me?.user && one.typing != null && (one.typing === thread || (main && NIL.test(one.typing))));
  return (
    <p aria-live="polite" className="h-5 truncate px-3 text-xs text-soft">
      {typing.length > 0 && `${typing.map((one) => one.name).join(", ")} ${typing.length === 1 ? "is" : "are"} typing…`}
    </p>
  );
}

/** The default thread is the nil id there. */
const NIL = /^[0-]+$/;

function Terminate({ onClose }: { onClose: () => void }) {
  const { busy, act } = useAct();
  return (
    <Dialog
      title="End the session?"
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Keep it</Button>
          <Button look="danger" busy={busy} onClick={() => act({ type: "terminate" }, onClose)}>
            End it for good
          </Button>
        </>
      }
    >
      <p>What runs is stopped, what waits is dropped, and nothing can be said here any more. The transcript stays.</p>
    </Dialog>
  );
}
