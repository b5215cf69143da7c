// What changed between two definitions: in the server's words, and line by line.
import { useMemo } from "react";
import type { Schemas } from "@/api/types";
import type { Tone } from "@/ui/badge";
import { Badge } from "@/ui/badge";
import { authoredText } from "@/ui/editor/authored";
import { Diff } from "@/ui/editor/diff";

const tones: Record<string, Tone> = { added: "good", removed: "bad", changed: "warn", moved: "busy" };

export function Changes({ changes, before, after }: { changes: readonly Schemas["DefinitionChange"][]; before: unknown; after: unknown }) {
  const texts = useMemo(() => ({ before: authoredText(before), after: authoredText(after) }), [before, after]);
  return (
    <div className="flex flex-col gap-3">
      {changes.length > 0 && (
        <ul aria-label="Changes" className="flex flex-wrap gap-x-4 gap-y-1">
          {changes.map((change, n) => (
            <li key={n} className="flex items-center gap-1.5 text-sm">
              <Badge tone={tones[change.change] ?? "plain"}>{change.change}</Badge>
              <span className="font-mono text-xs wrap-anywhere">{change.what}</span>
              {change.change === "moved" && <span className="text-xs text-soft">to {String(change.after)}</span>}
            </li>
          ))}
        </ul>
      )}
      <Diff before={texts.before} after={texts.after} />
    </div>
  );
}
