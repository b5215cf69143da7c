// The transcript: only what is in sight is rendered, older pages are read on scrolling up, and it follows the end.
import { memo, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { ArrowDown } from "lucide-react";
import type { VirtualizerHandle } from "virtua";
import { Virtualizer } from "virtua";
import type { Message } from "@/api/types";
import { WHOLE } from "@/live/chat/pages";
import type { ChatState } from "@/live/chat/state";
import { useStore } from "@/live/store";
import { Button } from "@/ui/button";
import { Empty, Failure, Loading } from "@/ui/states";
import { useChat, useKnown } from "../context";
import { AnswerView, MessageView } from "../message";
import { StepItem } from "../run/item";
import { useRuns } from "../run/runs";
import { headsOf, sameHeads, useItems } from "../run/use-items";
import type { Entry } from "./entries";
import { entriesOf, laneOf, messagesOf, turnsOf } from "./entries";
import { useFollow } from "./follow";
import { SentView } from "./sent";

const HEAD_PX = 32;
/** So far from the oldest message that is held, the page before it is read. */
const AHEAD_PX = 2_000;

export function Transcript({ thread }: { thread: string }) {
  const chat = useChat();
  const held = useKnown(useCallback((state: ChatState) => state.messages, []));
  const lane = useKnown((state) => laneOf(state, thread));
  const page = useKnown((state) => state.lanes[lane]);
  const failed = useKnown((state) => state.pageErrors[lane]);
  const threads = useKnown((state) => state.threads);
  const turns = useKnown((state) => headsOf(turnsOf(state, thread)), sameHeads);
  const prompts = useStore(chat.outbox.prompts, allPrompts);
  const messages = useMemo(
    () => messagesOf({ ...chat.store.now, messages: held, threads, lanes: page === undefined ? {} : { [lane]: page } }, thread),
    [chat, held, threads, lane, page, thread],
  );
  const items = useItems({ messages, turns, main: lane === WHOLE, since: page?.before == null ? undefined : messages[0]?.at });
  const sent = useMemo(() => (turns.every((turn) => turn.step !== undefined) ? prompts.filter((one) => (one.command.thread ?? thread) === thread) : []), [prompts, turns, thread]);
  const entries = useMemo(() => entriesOf(items, sent), [items, sent]);
  // The first page of the whole session is read when the line opens.
  useEffect(() => {
    if (page === undefined && lane !== "") void chat.older(lane);
  }, [chat, page, lane]);

  if (page === undefined) {
    if (failed !== undefined) return <Failure error={failed} className="m-4" onRetry={() => void chat.older(lane)} />;
    return entries.length === 0 ? <Loading what="Reading the transcript" rows={6} /> : null;
  }
  if (entries.length === 0 && page.before === null) {
    return (
      <Empty title="Nothing was said here yet">
        <p>Write below what the agent should do. Files can be dropped or pasted.</p>
      </Empty>
    );
  }
  return <Feed key={thread} entries={entries} lane={lane} more={page.before !== null} failed={failed} last={messages.at(-1)} />;
}

const allPrompts = <T,>(prompts: T) => prompts;

interface FeedProps {
  entries: readonly Entry[];
  lane: string;
  /** Whether there are older messages. */
  more: boolean;
  failed: unknown;
  last: Message | undefined;
}

function Feed({ entries, lane, more, failed, last }: FeedProps) {
  const chat = useChat();
  const scroller = useRef<HTMLDivElement>(null);
  const list = useRef<VirtualizerHandle>(null);
  const { following, scrolled: moved, toEnd, leave } = useFollow(scroller);
  const { jump } = useRuns();
  const shift = useShift(entries);
  const fresh = useFresh(following, last?.seq ?? 0, entries);
  const older = useCallback(() => {
    const element = scroller.current;
    if (more && element !== null && element.scrollTop < AHEAD_PX) void chat.older(lane);
  }, [chat, lane, more]);
  const scrolled = useCallback(() => {
    moved();
    older();
  }, [moved, older]);
  useEffect(
    () =>
      jump.listen((key) => {
        const at = entries.findIndex((entry) => key === entry.key || key.startsWith(`${entry.key}:`));
        if (at < 0) return;
        leave();
        list.current?.scrollToIndex(at, { align: "start" });
      }),
    [jump, entries, leave],
  );
  // What is shown may be too little to scroll at all.
  useEffect(older, [older, entries]);
  return (
    <div className="relative h-full min-h-0">
      {/* Scrolled by the keyboard too, so it takes the focus. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div ref={scroller} role="region" aria-label="Transcript" tabIndex={0} className="h-full overflow-x-hidden overflow-y-auto px-3 -outline-offset-2 [overflow-anchor:none] sm:px-6">
        <div className="mx-auto max-w-3xl pb-2">
          {/* It keeps its height, so that nothing moves when the last page has come. */}
          <div className="h-8 pt-2 text-center text-xs text-soft">{more && failed === undefined && "Reading older messages…"}</div>
          <Virtualizer ref={list} scrollRef={scroller} data={entries} shift={shift} bufferSize={600} startMargin={HEAD_PX} onScroll={scrolled}>
            {rendered}
          </Virtualizer>
        </div>
      </div>
      {failed !== undefined && <Failure error={failed} onRetry={() => void chat.older(lane)} className="absolute inset-x-3 top-2 shadow" />}
      {!following && (
        <div className="pointer-events-none absolute inset-x-0 bottom-3 flex justify-center">
          <Button small className="pointer-events-auto rounded-full! shadow-lg" icon={<ArrowDown size={14} aria-hidden />} onClick={toEnd}>
            {fresh > 0 ? `Latest, ${fresh} new` : "To the latest"}
          </Button>
        </div>
      )}
    </div>
  );
}

function rendered(entry: Entry) {
  return <EntryView key={entry.key} entry={entry} />;
}

const EntryView = memo(function EntryView({ entry }: { entry: Entry }) {
  if ("sent" in entry) return <SentView sent={entry.sent} />;
  if (entry.is === "said") return <MessageView message={entry.message} />;
  if (entry.is === "answer") return <AnswerEntry turn={entry.turn} message={entry.message} />;
  return <StepItem item={entry} />;
});

/** Only this looks at the words that stream. */
function AnswerEntry({ turn, message }: { turn: string; message: Message | undefined }) {
  const open = useKnown((state) => (message === undefined ? state.turns.get(turn) : undefined));
  return <AnswerView turn={open} message={message} />;
}

/** Tells whether the list has grown at its start since it was rendered last. */
function useShift(entries: readonly Entry[]): boolean {
  const [before, setBefore] = useState({ entries, shift: false });
  if (before.entries === entries) return before.shift;
  const first = before.entries[0]?.key;
  const shift = first !== undefined && entries[0]?.key !== first && entries.some((entry) => entry.key === first);
  setBefore({ entries, shift });
  return shift;
}

/** Counts the messages that came since the end was left. */
function useFresh(following: boolean, last: number, entries: readonly Entry[]): number {
  const [left, setLeft] = useState<{ following: boolean; at: number }>({ following, at: last });
  if (left.following !== following) setLeft({ following, at: last });
  if (following) return 0;
  let fresh = 0;
  for (let n = entries.length - 1; n >= 0; n -= 1) {
    const entry = entries[n];
    if (entry !== undefined && "message" in entry && entry.message !== undefined) {
      if (entry.message.seq <= left.at) break;
      fresh += 1;
    }
  }
  return fresh;
}
