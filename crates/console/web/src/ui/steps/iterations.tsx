// The rounds of a loop: all of them at first, or one. Few have tabs, more a drop-down; very many are rendered as they scroll by.
import type { ReactNode } from "react";
import { useEffect, useId, useRef, useState } from "react";
import type { VListHandle } from "virtua";
import { VList } from "virtua";
import type { Tone } from "@/ui/badge";
import { Dot } from "@/ui/badge";
import { cx } from "@/ui/classes";
import { Select } from "@/ui/field";
import { Tabs } from "@/ui/tabs";
import { counted } from "./read";

export const TABS_MAX = 10;
export const RENDERED_MAX = 100;

export interface Iteration {
  /** From 0, as in paths. */
  index: number;
  tone: Tone;
  /** How it stands, in a word. */
  word: string;
}

interface IterationsProps {
  iterations: readonly Iteration[];
  /** How many there will be, when that is known. */
  of?: number | undefined;
  /** Renders the steps of one round; `alone` when no other round is seen. */
  render: (iteration: Iteration, alone: boolean) => ReactNode;
  /** Under which the choice is remembered. */
  remember: string;
  /** What a round is called; a branch has its name. */
  name?: (iteration: Iteration) => string;
  noun?: string;
  /** A round that is to be seen now. It is told anew, as another object, to have it seen again. */
  show?: { index: number } | undefined;
}

const chosen = new Map<string, string>();

export function Iterations({ iterations, of, render, remember, name = (one) => String(one.index + 1), noun = "round", show }: IterationsProps) {
  const panel = useId();
  const [current, setCurrent] = useState(() => chosen.get(remember) ?? "all");
  const choose = (key: string) => {
    chosen.set(remember, key);
    setCurrent(key);
  };
  const list = useRef<VListHandle>(null);
  // Where only one round is seen, it is the one that is asked for.
  const [shownFor, setShownFor] = useState<{ index: number } | undefined>(undefined);
  if (show !== shownFor) {
    setShownFor(show);
    if (show !== undefined && current !== "all" && current !== String(show.index)) setCurrent(String(show.index));
  }
  useEffect(() => {
    if (show !== undefined) list.current?.scrollToIndex(iterations.findIndex((iteration) => iteration.index === show.index), { align: "center" });
    // Only what is asked for moves the list, not what is added to it.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [show]);
  const one = iterations.find((iteration) => String(iteration.index) === current);
  const shown = one === undefined ? "all" : current;
  return (
    <div className="flex min-w-0 flex-col gap-2">
      <div className="flex min-w-0 flex-wrap items-center gap-x-3 gap-y-1">
        {iterations.length <= TABS_MAX ? (
          <Tabs
            small
            label={`${noun}s`}
            panel={panel}
            current={shown}
            onChange={choose}
            tabs={[
              { key: "all", label: "All" },
              ...iterations.map((iteration) => ({
                key: String(iteration.index),
                label: (
                  <>
                    <Dot tone={iteration.tone} label={iteration.word} />
                    {name(iteration)}
                  </>
                ),
              })),
            ]}
          />
        ) : (
          <Select aria-label={`Which ${noun}`} aria-controls={panel} value={shown} onChange={(event) => choose(event.target.value)} className="h-7! w-auto! py-0! text-xs!">
            <option value="all">All {iterations.length}</option>
            {iterations.map((iteration) => (
              <option key={iteration.index} value={String(iteration.index)}>
                {name(iteration)}: {iteration.word}
              </option>
            ))}
          </Select>
        )}
        <Tally iterations={iterations} of={of} noun={noun} onFailed={() => choose(nextFailed(iterations, current))} />
      </div>
      <div id={panel} role={iterations.length <= TABS_MAX ? "tabpanel" : "region"} aria-label={one === undefined ? `All ${noun}s` : `${noun} ${name(one)}`} className="min-w-0">
        {one !== undefined ? (
          render(one, true)
        ) : iterations.length > RENDERED_MAX ? (
          <VList ref={list} className="rounded-md border border-line px-2" style={{ height: "26rem" }} data={iterations} tabIndex={0} role="list" aria-label={`All ${noun}s`}>
            {(iteration) => (
              <div role="listitem" key={iteration.index} className="py-0.5">
                <Round label={`${noun} ${name(iteration)}`} mark={name(iteration)} tone={iteration.tone}>
                  {render(iteration, false)}
                </Round>
              </div>
            )}
          </VList>
        ) : (
          <ul className="flex flex-col gap-1.5">
            {iterations.map((iteration) => (
              <li key={iteration.index} className="min-w-0">
                <Round label={`${noun} ${name(iteration)}`} mark={name(iteration)} tone={iteration.tone}>
                  {render(iteration, false)}
                </Round>
              </li>
            ))}
          </ul>
        )}
      </div>
    </div>
  );
}

const edges: Record<Tone, string> = {
  plain: "border-line",
  accent: "border-accent",
  good: "border-line",
  warn: "border-warn",
  bad: "border-bad",
  busy: "border-busy",
};

function Round({ label, mark, tone, children }: { label: string; mark: string; tone: Tone; children: ReactNode }) {
  return (
    <div role="group" aria-label={label} className={cx("flex min-w-0 gap-2 border-l-2 pl-2", edges[tone])}>
      <span aria-hidden className="max-w-20 min-w-4 shrink-0 truncate pt-1 text-right text-xs text-soft tabular-nums" title={label}>
        {mark}
      </span>
      <div className="flex min-w-0 flex-1 flex-col">{children}</div>
    </div>
  );
}

/** The failed round after the one that is looked at, from the beginning again after the last. */
function nextFailed(iterations: readonly Iteration[], current: string): string {
  const failed = iterations.filter((iteration) => iteration.tone === "bad");
  const next = current === "all" ? failed[0] : (failed.find((iteration) => iteration.index > Number(current)) ?? failed[0]);
  return next === undefined ? "all" : String(next.index);
}

interface TallyProps {
  iterations: readonly Iteration[];
  of: number | undefined;
  noun: string;
  onFailed: () => void;
}

/** How many are done, and how many went wrong. */
function Tally({ iterations, of, noun, onFailed }: TallyProps) {
  const count = (...tones: Tone[]) => iterations.filter((iteration) => tones.includes(iteration.tone)).length;
  const total = Math.max(of ?? 0, iterations.length);
  const [done, bad, busy, waiting] = [count("good", "plain"), count("bad"), count("busy", "accent"), count("warn")];
  const share = (n: number) => ({ width: `${total === 0 ? 0 : (n / total) * 100}%` });
  return (
    <div className="flex min-w-0 flex-1 items-center gap-2 text-xs text-soft">
      <span className="tabular-nums">
        {done + bad} of {counted(total, noun)} done
        {bad > 0 && (
          <>
            {" · "}
            <button type="button" onClick={onFailed} title={`Go to the next failed ${noun}`} className="rounded font-medium text-bad underline underline-offset-2">
              {bad} failed
            </button>
          </>
        )}
        {busy > 0 && ` · ${busy} running`}
        {waiting > 0 && ` · ${waiting} waiting`}
      </span>
      <span aria-hidden className="flex h-1 max-w-40 min-w-8 flex-1 overflow-hidden rounded-full bg-sunken">
        <span className="bg-good" style={share(done)} />
        <span className="bg-bad" style={share(bad)} />
        <span className="bg-busy" style={share(busy)} />
        <span className="bg-warn" style={share(waiting)} />
      </span>
    </div>
  );
}
