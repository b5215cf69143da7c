// A structured result as a table, with the text that it was read from folded.
import type { ReactNode } from "react";
import { Badge } from "@/ui/badge";
import { Code } from "@/ui/code";
import { Json } from "@/ui/json";
import { Fold } from "./fold";

/** Deeper than this a value is a tree. */
const DEPTH_MAX = 2;
const ROWS_MAX = 50;
const COLUMNS_MAX = 6;

interface ResultProps {
  value: unknown;
  /** The text that the value was read from. */
  raw?: string | undefined;
  label?: string;
}

/** Shows what a step gave. */
export function Result({ value, raw, label = "Result" }: ResultProps) {
  return (
    <div className="flex min-w-0 flex-col gap-1.5">
      <div role="region" aria-label={label} className="min-w-0 overflow-x-auto">
        <Value value={value} depth={0} />
      </div>
      {raw !== undefined && raw !== "" && (
        <Fold title="Raw text">
          <Code text={raw} className="max-h-72 whitespace-pre-wrap" />
        </Fold>
      )}
    </div>
  );
}

function Value({ value, depth }: { value: unknown; depth: number }): ReactNode {
  if (value === null || value === undefined) return <span className="text-soft">none</span>;
  if (typeof value === "boolean") return <Badge tone={value ? "good" : "plain"}>{value ? "yes" : "no"}</Badge>;
  if (typeof value === "number") return <span className="tabular-nums">{String(value)}</span>;
  if (typeof value === "string") return value === "" ? <span className="text-soft">empty</span> : <span className="wrap-anywhere whitespace-pre-wrap">{value}</span>;
  if (typeof value !== "object") return String(value);
  if (Object.keys(value).length === 0) return <span className="text-soft">{Array.isArray(value) ? "no entries" : "no fields"}</span>;
  if (depth >= DEPTH_MAX) return <Json value={value} depth={0} />;
  if (!Array.isArray(value)) return <Fields fields={Object.entries(value)} depth={depth} />;
  if (value.length > ROWS_MAX) return <Json value={value} />;
  const columns = columnsOf(value);
  if (columns !== undefined) return <Rows rows={value as Record<string, unknown>[]} columns={columns} depth={depth} />;
  return (
    <ul className="list-disc pl-4 marker:text-soft">
      {value.map((item, n) => (
        <li key={n}>
          <Value value={item} depth={depth + 1} />
        </li>
      ))}
    </ul>
  );
}

const cell = "border-line px-2 py-1 text-left align-top";

function Fields({ fields, depth }: { fields: [string, unknown][]; depth: number }) {
  return (
    <table className="w-full border-collapse text-sm">
      <tbody>
        {fields.map(([name, value]) => (
          <tr key={name} className="border-b border-line last:border-0">
            <th scope="row" className={`${cell} w-px pl-0 font-medium whitespace-nowrap text-soft`}>
              {name}
            </th>
            <td className={cell}>
              <Value value={value} depth={depth + 1} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Rows({ rows, columns, depth }: { rows: Record<string, unknown>[]; columns: string[]; depth: number }) {
  return (
    <table className="w-full border-collapse text-sm">
      <thead>
        <tr className="border-b border-line">
          {columns.map((name) => (
            <th key={name} scope="col" className={`${cell} font-medium text-soft first:pl-0`}>
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row, n) => (
          <tr key={n} className="border-b border-line last:border-0">
            {columns.map((name) => (
              <td key={name} className={`${cell} first:pl-0`}>
                <Value value={row[name]} depth={depth + 1} />
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Returns the columns of a list of objects, when they are few enough to stand side by side. */
function columnsOf(list: unknown[]): string[] | undefined {
  const names = new Set<string>();
  for (const item of list) {
    if (typeof item !== "object" || item === null || Array.isArray(item)) return undefined;
    for (const name of Object.keys(item)) names.add(name);
  }
  return names.size > 0 && names.size <= COLUMNS_MAX ? [...names] : undefined;
}
