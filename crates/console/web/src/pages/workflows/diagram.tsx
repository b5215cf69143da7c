// What a workflow does, as a diagram, with the step that is looked at beside it.
import { useState } from "react";
import { StepInspector } from "@/ui/editor/inspector";
import { Flow } from "@/ui/flow";
import type { WorkflowView } from "./data";

export function DiagramTab({ view }: { view: WorkflowView }) {
  const [selected, setSelected] = useState<string | null>(null);
  return (
    <div className="flex min-h-0 flex-1 flex-col md:flex-row">
      <div className="min-h-0 min-w-0 flex-1">
        <Flow definition={view.definition} selected={selected} onSelect={setSelected} label={`Diagram of ${view.name}`} />
      </div>
      {selected !== null && (
        <aside className="max-h-1/2 shrink-0 overflow-y-auto border-t border-line bg-surface md:max-h-none md:w-80 md:border-t-0 md:border-l">
          <StepInspector definition={view.definition} path={selected} onClose={() => setSelected(null)} />
        </aside>
      )}
    </div>
  );
}
