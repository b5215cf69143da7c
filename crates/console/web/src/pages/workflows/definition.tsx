// A workflow's definition as text.
import { useMemo } from "react";
import { Code } from "@/ui/code";
import { authoredText } from "@/ui/editor/authored";
import type { WorkflowView } from "./data";

export function DefinitionTab({ view }: { view: WorkflowView }) {
  const text = useMemo(() => authoredText(view.definition), [view.definition]);
  return (
    <div className="min-h-0 flex-1 overflow-auto p-4 pt-2">
      <div className="mx-auto max-w-4xl">
        <Code text={text} language="yaml" className="max-h-none" />
        <p className="text-xs text-soft">
          Version <span className="font-mono wrap-anywhere">{view.hash}</span>. The server keeps what a definition says, not how it was written: comments are not kept.
        </p>
      </div>
    </div>
  );
}
