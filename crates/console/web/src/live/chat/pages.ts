// Pages of the transcript, read beside the stream: back in time on scrolling up, and what was missed after a new picture.
import type { Schemas } from "@/api/types";
import { withoutTurns } from "./fold";
import { withMessages } from "./messages";
import type { ChatState } from "./state";

export type Page = Schemas["Page_Message"];

/** The whole session, rather than one thread of it. */
export const WHOLE = "";

/** Takes a page that goes on where a lane ended, or begins it. */
export function foldPage(state: ChatState, lane: string, page: Page): ChatState {
  const held = state.lanes[lane];
  const oldest = page.items.reduce((least, message) => Math.min(least, message.seq), held?.from ?? Infinity);
  const before = page.cursor ?? null;
  const lanes = { ...state.lanes, [lane]: { from: before === null ? 0 : oldest, before } };
  const told = held === undefined ? overBy(state, page) : state;
  return { ...told, lanes, messages: withMessages(told.messages, page.items) };
}

/** What the newest page holds the end of is over, though the stream may still tell of it. */
function overBy(state: ChatState, page: Page): ChatState {
  return withoutTurns(
    state,
    page.items.filter((message) => message.role === "assistant").map((message) => message.turn),
  );
}

/**
 * Takes the newest page after a new picture. When it does not reach what is held, everything older is forgotten, to be
 * read again on scrolling up: a transcript has no holes.
 */
export function foldNewest(state: ChatState, page: Page): ChatState {
  const newest = state.messages.at(-1)?.seq ?? 0;
  const reaches = page.cursor == null || page.items.some((message) => message.seq <= newest);
  const told = overBy(state, page);
  if (reaches) return { ...told, messages: withMessages(told.messages, page.items) };
  return foldPage({ ...told, messages: [], lanes: {} }, WHOLE, page);
}
