// What is said in one attempt of an agent's step: the prompt folded, the reply as it streams, earlier rounds folded.
import { memo } from "react";
import type { Message, Part } from "@/api/types";
import type { AttemptNode, Round } from "@/live/chat/tree";
import { Fold } from "@/ui/steps/fold";
import { brief, counted } from "@/ui/steps/read";
import { useKnown } from "../context";
import { AnswerView } from "../message";

interface SaidProps {
  attempt: AttemptNode;
  /** Names the attempt among all. */
  remember: string;
  /** The reply was read as a value, which is shown: what was said is for those who want to know. */
  structured: boolean;
}

export const Said = memo(function Said({ attempt, remember, structured }: SaidProps) {
  const { rounds } = attempt;
  const last = rounds.at(-1);
  if (last === undefined) return null;
  const earlier = rounds.slice(0, -1);
  const calls = rounds.flatMap((round) => round.messages).reduce((sum, message) => sum + message.parts.filter((part) => part.type === "tool_call").length, 0);
  const all = (
    <div className="flex min-w-0 flex-col gap-1">
      {earlier.length > 0 && (
        <Fold title={`${counted(earlier.length, "earlier round")}: the reply was not as asked`} remember={`${remember}/rounds`}>
          <div className="flex flex-col gap-1 border-l-2 border-line pl-3">
            {earlier.map((round) => (
              <RoundView key={round.round} round={round} remember={remember} />
            ))}
          </div>
        </Fold>
      )}
      <RoundView round={last} remember={remember} />
    </div>
  );
  if (!structured || last.open !== undefined) return all;
  return (
    <Fold title={calls === 0 ? "What was said" : `What was said · ${counted(calls, "tool call")}`} remember={`${remember}/said`}>
      {all}
    </Fold>
  );
});

function RoundView({ round, remember }: { round: Round; remember: string }) {
  const reply = round.messages.find((message) => message.role === "assistant");
  const turn = reply?.turn ?? round.open;
  return (
    <>
      {round.messages.map((message) => message.role === "user" && <Prompt key={message.seq} message={message} remember={`${remember}/prompt/${message.seq}`} />)}
      {turn !== undefined && <Reply key={turn} turn={turn} message={reply} />}
    </>
  );
}

/** What the agent says: it alone is rendered again with every word, and it stays the same when it is finished. */
function Reply({ turn, message }: { turn: string; message: Message | undefined }) {
  const open = useKnown((state) => (message === undefined ? state.turns.get(turn) : undefined));
  return <AnswerView message={message} turn={open} />;
}

function Prompt({ message, remember }: { message: Message; remember: string }) {
  const words = message.parts.flatMap((part) => (part.type === "text" ? [part.text] : [])).join("\n");
  return (
    <Fold
      title={
        <span className="min-w-0 truncate">
          Prompt: <span className="font-normal">{brief(words, 80)}</span>
        </span>
      }
      remember={remember}
    >
      <p className="rounded-md bg-sunken px-2.5 py-1.5 text-sm wrap-anywhere whitespace-pre-wrap">{words}</p>
    </Fold>
  );
}

/** Returns what the command of an attempt has printed, as far as its turn or its message tells. */
export function usePrinted(attempt: AttemptNode | undefined): string | undefined {
  const round = attempt?.rounds.at(-1);
  const reply = round?.messages.find((message) => message.role === "assistant");
  return useKnown((state) => {
    if (reply !== undefined) return printed(reply.parts);
    const open = round?.open === undefined ? undefined : state.turns.get(round.open);
    return open === undefined ? undefined : printed(Object.values(open.parts));
  });
}

function printed(parts: readonly Part[]): string {
  let text = "";
  for (const part of parts) if (part.type === "tool_call") text += part.output ?? "";
  return text;
}
