// The parts of a run's page: the timeline, and beside it, or behind tabs where there is no room, the diagram and the variables.
import type { RefObject } from "react";
import { useId, useState } from "react";
import { ArrowDownToLine } from "lucide-react";
import type { FlowStates } from "@/ui/flow";
import { Flow, flowPath } from "@/ui/flow";
import type { FlowStep } from "@/ui/flow";
import { Button } from "@/ui/button";
import { cx } from "@/ui/classes";
import { Tabs } from "@/ui/tabs";
import { isRunOver } from "@/ui/status";
import { Ending } from "./ending";
import { useAround } from "./shown";
import { Steps } from "./step";
import { Variables } from "./variables";
import { useWide } from "./wide";
import { Why } from "./why";

interface PanelsProps {
  frame: RefObject<HTMLDivElement | null>;
  changes: number;
  /** Whether all attempts are known. */
  reaches: boolean;
  steps: readonly FlowStep[];
  states: FlowStates;
  /** Follows what is under way again; null while it does, or there is nothing to follow. */
  following: (() => void) | null;
  onLook: (path: string) => void;
  /** A place of the diagram is chosen. */
  onPlace: (place: string) => void;
  onAll: () => void;
}

type Panel = "timeline" | "diagram" | "variables";

export function Panels(props: PanelsProps) {
  const { shown, looked } = useAround();
  const wide = useWide();
  const [narrow, setNarrow] = useState<Panel>("timeline");
  const [beside, setBeside] = useState<Exclude<Panel, "timeline">>("diagram");
  const panel = useId();
  const place = looked === null ? null : flowPath(looked);
  const diagram = (
    <Flow
      definition={shown.run.definition}
      states={props.states}
      selected={place}
      onSelect={(chosen) => {
        setNarrow("timeline");
        props.onPlace(chosen);
      }}
      label={`Diagram of ${shown.run.name}`}
    />
  );
  const variables = <Variables shown={shown} steps={props.steps} at={looked} onAll={props.onAll} />;
  const [shownBeside, setBesideOrNarrow] = wide ? [beside, setBeside] : [narrow, setNarrow];
  const besides = [
    { key: "diagram", label: "Diagram" },
    { key: "variables", label: "Variables" },
  ] as const;
  const tabs = (
    <div className="border-b border-line bg-surface px-2">
      <Tabs<Panel>
        small
        label={wide ? "Beside the timeline" : "Parts of the run"}
        panel={panel}
        current={shownBeside}
        onChange={setBesideOrNarrow as (chosen: Panel) => void}
        tabs={wide ? besides : [{ key: "timeline", label: "Timeline" }, ...besides]}
      />
    </div>
  );
  // The timeline stays as it is, wide or narrow, so that it keeps its place and what is being typed in it.
  return (
    <div className={cx("flex min-h-0 flex-1", !wide && "flex-col")}>
      {!wide && tabs}
      <Timeline {...props} hidden={!wide && narrow !== "timeline"} />
      {(wide || narrow !== "timeline") && (
        <aside aria-label="Beside the timeline" className={cx("flex min-h-0 flex-col bg-ground", wide ? "w-[26rem] max-w-[42%] shrink-0 border-l border-line" : "flex-1")}>
          {wide && tabs}
          <div id={panel} role="tabpanel" aria-label={shownBeside === "diagram" ? "Diagram" : "Variables"} className="min-h-0 flex-1 overflow-auto">
            {shownBeside === "diagram" ? diagram : variables}
          </div>
        </aside>
      )}
    </div>
  );
}

function Timeline({ frame, changes, reaches, following, onLook, hidden = false }: PanelsProps & { hidden?: boolean }) {
  const { shown } = useAround();
  const { status } = shown.run;
  return (
    <div className={hidden ? "hidden" : "relative flex min-h-0 min-w-0 flex-1 flex-col"}>
      {/* Scrolled by the keyboard too, so it takes the focus. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div ref={frame} role="region" aria-label="Timeline" tabIndex={0} className="relative min-h-0 flex-1 overflow-auto p-3 md:p-4">
        <div className="mx-auto flex max-w-4xl flex-col gap-3">
          {!shown.past && !isRunOver(status) && status !== "running" && <Why run={shown.run.id} changes={changes} onLook={onLook} />}
          {!shown.past && <Ending onLook={onLook} />}
          {!reaches && !shown.past && (
            <p role="status" className="text-xs text-soft">
              Reading the steps that came before …
            </p>
          )}
          <h2 className="sr-only">Steps</h2>
          <Steps nodes={shown.tree} />
        </div>
      </div>
      {following !== null && (
        <Button small look="primary" icon={<ArrowDownToLine size={14} aria-hidden />} onClick={following} className="absolute right-4 bottom-3 shadow-lg">
          Follow the run
        </Button>
      )}
    </div>
  );
}
