// The arguments of a call, all of them as they would be used; what is hidden is marked as hidden.
import { EyeOff } from "lucide-react";
import { Badge } from "@/ui/badge";
import { Json } from "@/ui/json";
import { HIDDEN, hiddenIn } from "./value";

export function Arguments({ value }: { value: Readonly<Record<string, unknown>> }) {
  const entries = Object.entries(value);
  if (entries.length === 0) return <p className="text-sm text-soft">Without arguments.</p>;
  return (
    <dl aria-label="Arguments" className="grid grid-cols-1 gap-x-4 gap-y-1.5 border-l-2 border-line pl-3 text-sm sm:grid-cols-[auto_minmax(0,1fr)]">
      {entries.map(([name, inner]) => (
        <div key={name} className="contents">
          <dt className="font-mono text-xs leading-6 text-soft">{name}</dt>
          <dd className="min-w-0">
            <Argument value={inner} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Argument({ value }: { value: unknown }) {
  if (value === HIDDEN) return <Masked />;
  if (typeof value === "string") return value === "" ? <span className="text-soft">empty</span> : <span className="wrap-anywhere whitespace-pre-wrap">{value}</span>;
  if (typeof value !== "object" || value === null) return <span className="font-mono text-xs leading-6">{String(value)}</span>;
  return (
    <>
      <Json value={value} depth={2} />
      {hiddenIn(value) > 0 && <Masked />}
    </>
  );
}

function Masked() {
  return (
    <Badge tone="warn" title="It is secret by the name of its field: it will be used, and is not shown">
      <EyeOff size={12} aria-hidden /> hidden
    </Badge>
  );
}
