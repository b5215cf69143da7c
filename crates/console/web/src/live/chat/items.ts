// One feed of everything that a session shows: what people and agents say, and the steps of the runs that work in it.
import type { Message } from "@/api/types";
import { inOrder } from "./messages";
import type { RunState, RunsState } from "./runs";
import type { Nodes, OpenHead, StepNode } from "./tree";
import { isSaid, isUnderWay, tree } from "./tree";

export type Item =
  /** What a person said. */
  | { is: "said"; key: string; at: number; message: Message }
  /** What the agent says in one turn: finished, or still open. */
  | { is: "answer"; key: string; at: number; turn: string; message: Message | undefined }
  /** A step at the top of a run, with all that stands inside it. */
  | { is: "step"; key: string; at: number; node: StepNode }
  /** Where a run begins, and where it ends. */
  | { is: "began" | "ended"; key: string; at: number; run: RunState };

export interface Feed {
  /** Finished messages, oldest first. */
  messages: readonly Message[];
  turns: readonly OpenHead[];
  runs: RunsState;
  /** What is older than this is not held, and is not shown either; absent when the transcript is held from its beginning. */
  since?: number | undefined;
}

export interface Merged {
  items: readonly Item[];
  nodes: Nodes;
}

export const emptyFeed: Merged = { items: [], nodes: new Map() };

/**
 * Puts everything in order, by what came first: an item keeps its place while more is said in it. What has not changed
 * since `before` stays the same object, so that only what changes is rendered again.
 */
export function merge({ messages, turns, runs, since }: Feed, before: Merged = emptyFeed): Merged {
  const nodes = new Map<string, StepNode>();
  const known = new Map(before.items.map((item) => [item.key, item]));
  const [plain, ofSteps] = parted(messages, turns, runs);
  const ofRuns = [...runs].flatMap(([id, run]) => itemsOf(run, tree(run, ofSteps.get(id) ?? nothing, before.nodes, nodes)));
  const shown = ofRuns.filter((item) => since === undefined || item.at >= since || (item.is === "step" && (isUnderWay(item.node) || isSaid(item.node))));
  const items = woven(said(plain.messages, plain.turns), shown.sort((a, b) => a.at - b.at || rank(a) - rank(b))).map((item) => {
    const same = known.get(item.key);
    return same !== undefined && sameItem(same, item) ? same : item;
  });
  return { items, nodes };
}

interface Spoken {
  messages: Message[];
  turns: OpenHead[];
}

const nothing: Spoken = { messages: [], turns: [] };

/** Parts what is said in steps, by run, from what is said beside them. */
function parted(messages: readonly Message[], turns: readonly OpenHead[], runs: RunsState): [Spoken, Map<string, Spoken>] {
  const plain: Spoken = { messages: [], turns: [] };
  const ofSteps = new Map([...runs.keys()].map((id): [string, Spoken] => [id, { messages: [], turns: [] }]));
  const of = (one: { step?: Message["step"] | undefined }) => ofSteps.get(one.step?.execution ?? "") ?? plain;
  for (const message of messages) of(message).messages.push(message);
  for (const turn of turns) of(turn).turns.push(turn);
  return [plain, ofSteps];
}

/** What is said outside of runs. An answer stands where its turn began, also when others have spoken since. */
function said(messages: readonly Message[], turns: readonly OpenHead[]): Item[] {
  const byTurn = new Map<string, Item[]>();
  const inTurn = (turn: string) => {
    let items = byTurn.get(turn);
    if (items === undefined) byTurn.set(turn, (items = []));
    return items;
  };
  const ordered = messages.every((message, n) => n === 0 || inOrder(messages[n - 1] as Message, message) <= 0) ? messages : [...messages].sort(inOrder);
  for (const message of ordered) {
    const items = inTurn(message.turn);
    if (message.role === "user") items.push({ is: "said", key: `s:${message.seq}`, at: message.at, message });
    else items.push({ is: "answer", key: `a:${message.turn}`, at: items[0]?.at ?? message.at, turn: message.turn, message });
  }
  for (const { turn, started_at } of turns) {
    const items = inTurn(turn);
    // A turn that is told of after its end is over all the same.
    if (!items.some((item) => item.is === "answer")) items.push({ is: "answer", key: `a:${turn}`, at: items[0]?.at ?? started_at, turn, message: undefined });
  }
  return [...byTurn.values()].flat();
}

function itemsOf(run: RunState, top: readonly StepNode[]): Item[] {
  const { view, row } = run;
  const key = view.execution;
  const began = Math.min(view.attached_at, row?.started_at ?? Infinity, top[0]?.first ?? Infinity);
  const items: Item[] = [{ is: "began", key: `b:${key}`, at: began, run }];
  for (const node of top) items.push({ is: "step", key: node.key, at: node.first, node });
  if (view.ended !== undefined && view.ended !== null && row?.ended_at) items.push({ is: "ended", key: `e:${key}`, at: row.ended_at, run });
  return items;
}

/** A run begins before its first step and ends after its last, also within one millisecond. */
const rank = (item: Item): number => (item.is === "began" ? 0 : item.is === "ended" ? 2 : 1);

/** Weaves what runs did between what was said, which keeps its own order. */
function woven(plain: readonly Item[], ofRuns: readonly Item[]): Item[] {
  const items: Item[] = [];
  let next = 0;
  for (const item of plain) {
    for (let run = ofRuns[next]; run !== undefined && run.at < item.at; run = ofRuns[++next]) items.push(run);
    items.push(item);
  }
  return [...items, ...ofRuns.slice(next)];
}

function sameItem(a: Item, b: Item): boolean {
  if (a.is !== b.is || a.at !== b.at) return false;
  switch (b.is) {
    case "step":
      return a.is === "step" && a.node === b.node;
    case "began":
    case "ended":
      return "run" in a && a.run.view === b.run.view && a.run.row === b.run.row;
    default:
      return "message" in a && a.message === b.message;
  }
}
