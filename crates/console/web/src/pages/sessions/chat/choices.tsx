// How a prompt is taken while a turn runs, and which agent and model take it.
import { useQuery } from "@tanstack/react-query";
import { api, ask } from "@/api/client";
import type { PromptMode } from "@/api/types";
import type { ChatState } from "@/live/chat/state";
import { useKnown } from "../context";

export const modes: Record<PromptMode, { name: string; says: string }> = {
  followup: { name: "Follow up", says: "waits for its turn" },
  steer: { name: "Steer", says: "ends the running turn and goes first" },
  collect: { name: "Collect", says: "waits a moment for more, which become one prompt" },
};

export interface Choice {
  mode?: PromptMode;
  agent?: string;
  model?: string;
}

/** Returns the names of the agents that connected runners offer. */
export function useAgents(): string[] {
  const { data } = useQuery({ queryKey: ["runners"], queryFn: () => ask(api.GET("/api/runners", { params: { query: { limit: "200" } } })), retry: false });
  return [...new Set((data?.items ?? []).filter((runner) => runner.connected).flatMap((runner) => runner.agents.map((agent) => agent.name)))];
}

const aboutOf = (state: ChatState) => state.about;
const look = "h-7 max-w-36 truncate rounded-md border border-transparent bg-transparent px-1 text-xs text-soft hover:bg-sunken hover:text-ink";

export function Choices({ busy, choice, onChoose }: { busy: boolean; choice: Choice; onChoose: (choice: Choice) => void }) {
  const about = useKnown(aboutOf);
  const agents = useAgents();
  if (about === null) return null;
  const choose = (key: keyof Choice, value: string) => {
    const next: Choice = { ...choice };
    if (value === "") Reflect.deleteProperty(next, key);
    else Object.assign(next, { [key]: value });
    onChoose(next);
  };
  return (
    <>
      {busy && (
        <select aria-label="Mode of this prompt" title={modes[choice.mode ?? about.mode].says} value={choice.mode ?? about.mode} onChange={(event) => choose("mode", event.target.value)} className={look}>
          {Object.entries(modes).map(([mode, { name, says }]) => (
            <option key={mode} value={mode} title={says}>
              {name}
            </option>
          ))}
        </select>
      )}
      {agents.length > 1 && (
        <select aria-label="Agent" value={choice.agent ?? ""} onChange={(event) => choose("agent", event.target.value)} className={look}>
          <option value="">{about.agent ?? "Usual agent"}</option>
          {agents
            .filter((name) => name !== about.agent)
            .map((name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
        </select>
      )}
      {about.models.length > 0 && (
        <select aria-label="Model" value={choice.model ?? ""} onChange={(event) => choose("model", event.target.value)} className={look}>
          <option value="">{about.model ?? "Usual model"}</option>
          {about.models
            .filter((name) => name !== about.model)
            .map((name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
        </select>
      )}
    </>
  );
}
