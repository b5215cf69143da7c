// What is wrong with a definition: each mistake leads to its place.
import type { Mistake } from "@/api/types";

export function Mistakes({ mistakes, onGo }: { mistakes: readonly Mistake[]; onGo?: (mistake: Mistake) => void }) {
  return (
    <ul aria-label="Mistakes" className="flex flex-col text-sm">
      {mistakes.map((mistake, n) => (
        <li key={n} className="border-b border-line last:border-b-0">
          {onGo === undefined ? (
            <div className="px-3 py-1.5">
              <Said mistake={mistake} />
            </div>
          ) : (
            <button type="button" onClick={() => onGo(mistake)} className="flex w-full flex-col px-3 py-1.5 text-left hover:bg-sunken">
              <Said mistake={mistake} />
            </button>
          )}
        </li>
      ))}
    </ul>
  );
}

function Said({ mistake }: { mistake: Mistake }) {
  return (
    <>
      <span className="flex gap-2">
        {typeof mistake.line === "number" && <span className="w-12 shrink-0 text-xs leading-5 text-soft">line {mistake.line}</span>}
        <span className="min-w-0 wrap-anywhere text-bad">{mistake.message}</span>
      </span>
      <span className="block text-xs wrap-anywhere text-soft">
        <span className="font-mono">{mistake.path}</span>
        {mistake.fix ? `: ${mistake.fix}` : ""}
      </span>
    </>
  );
}
