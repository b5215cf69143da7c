// One session: its head, its transcript, what waits, and the box to write in.
import { useEffect, useId, useState } from "react";
import { useParams } from "@tanstack/react-router";
import { Chat as Followed } from "@/live/chat/chat";
import type { ChatState } from "@/live/chat/state";
import { defaultThread } from "@/live/chat/state";
import { OutputsOf } from "@/ui/long-output";
import { Failure, Loading } from "@/ui/states";
import { ChatContext, useKnown } from "../context";
import { useRole } from "../rights";
import { useSeen } from "../list/seen";
import { RunBars } from "../run/bars";
import { RunsProvider } from "../run/runs";
import { Header, TypingLine } from "./header";
import { PromptBox } from "./prompt-box";
import { Questions } from "./questions";
import { Queue } from "./queue";
import { Sandbox } from "./sandbox";
import { Threads } from "./threads";
import { Transcript } from "./transcript";
import { WorkspacePanel } from "./workspace";

export function Chat() {
  const { session } = useParams({ from: "/sessions/$session" });
  return <Open key={session} session={session} />;
}

function Open({ session }: { session: string }) {
  const [chat] = useState(() => new Followed(session));
  useEffect(() => chat.start(), [chat]);
  useSeen(session);
  return (
    <ChatContext value={chat}>
      <OutputsOf value={session}>
        <RunsProvider>
          <Inside />
        </RunsProvider>
      </OutputsOf>
    </ChatContext>
  );
}

const aboutOf = (state: ChatState) => state.about;
const lineOf = (state: ChatState) => state.line;
const threadsOf = (state: ChatState) => state.threads;

function Inside() {
  const about = useKnown(aboutOf);
  const line = useKnown(lineOf);
  const threads = useKnown(threadsOf);
  const [chosen, setChosen] = useState<string | null>(null);
  const [workspace, setWorkspace] = useState(false);
  const panel = useId();
  const main = defaultThread(threads);
  const thread = chosen !== null && threads.some((one) => one.id === chosen) ? chosen : main;
  if (line.is === "ended" && about === null) return <Failure error={new Error(line.why)} className="m-4" />;
  if (about === null || thread === undefined) return <Loading what="Opening the session" rows={8} />;
  return (
    <div className="flex h-full min-h-0 min-w-0 flex-1">
      <div className="flex min-h-0 min-w-0 flex-1 flex-col">
        <header className="border-b border-line bg-surface">
          <Header about={about} onThread={setChosen} workspace={{ open: workspace, toggle: () => setWorkspace(!workspace) }} />
          <Sandbox />
          <RunBars />
          <Threads current={thread} onChange={setChosen} panel={panel} />
        </header>
        <div id={panel} className="min-h-0 flex-1">
          <Transcript key={thread} thread={thread} />
        </div>
        <div className="px-3 pb-3 sm:px-6">
          <div className="mx-auto max-w-3xl">
            <TypingLine thread={thread} main={thread === main} />
            <Questions thread={thread} />
            <Queue thread={thread} />
            <Below key={thread} thread={thread} />
          </div>
        </div>
      </div>
      {workspace && <WorkspacePanel onClose={() => setWorkspace(false)} />}
    </div>
  );
}

/** The box, or why there is none. */
function Below({ thread }: { thread: string }) {
  const role = useRole();
  const over = useKnown((state) => state.about?.status === "terminated");
  const line = useKnown(lineOf);
  const why = over ? "The session is over; nothing can be added." : line.is === "ended" ? line.why : role === "viewer" ? "You look on here: the session was shared with you to read." : null;
  if (why !== null) return <p className="rounded-lg bg-sunken px-3 py-2 text-center text-sm text-soft">{why}</p>;
  return <PromptBox thread={thread} />;
}
