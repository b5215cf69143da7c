// A tool call as a card: what it does, how far it is, what it brought.
import { memo, useId, useState } from "react";
import { Ban, Check, ChevronRight, CircleX, FileDiff, FilePen, FileText, FolderTree, LoaderCircle, Search, SquareTerminal, Wrench } from "lucide-react";
import type { ToolPart } from "@/live/chat/turn";
import { Badge } from "@/ui/badge";
import { cx } from "@/ui/classes";
import { Code } from "@/ui/code";
import { Json } from "@/ui/json";
import { changeOf, Counts, counted, FilePatch } from "@/ui/patch";
import type { Change, Told } from "./known";
import { asked, languageOf, told } from "./known";
import { Output } from "./output";

const words: Record<ToolPart["status"], string> = {
  pending: "about to start",
  running: "running",
  completed: "done",
  error: "failed",
  interrupted: "interrupted",
};

export const ToolCard = memo(function ToolCard({ part }: { part: ToolPart }) {
  const [chosen, setChosen] = useState<boolean | null>(null);
  const body = useId();
  const given = asked(part.tool, part.arguments);
  const result = told(part.result);
  const changes = result.changes.length > 0 ? result.changes : given.change === undefined ? [] : [given.change];
  const running = part.status === "running" || part.status === "pending";
  const output = result.text ?? part.output ?? "";
  const isCommand = given.command !== undefined || result.exit !== undefined;
  // Open at first: what changed, what a command prints, what went wrong.
  const open = chosen ?? (changes.length > 0 || (isCommand && output !== "") || part.error != null);
  const total = counted({ path: "", hunks: changes.flatMap((one) => changeOf(one.path, one.before, one.after).hunks) });
  const title = part.title || given.command || given.path || part.tool || "a call that is about to be described";
  return (
    <section aria-label={`${part.tool || "tool"}: ${title}`} className="my-2 overflow-hidden rounded-lg border border-line bg-surface">
      <button type="button" aria-expanded={open} aria-controls={body} onClick={() => setChosen(!open)} className="flex w-full items-center gap-2 px-3 py-1.5 text-left hover:bg-sunken">
        <span aria-hidden className="shrink-0 text-soft">
          {iconOf(part.tool, isCommand, changes.length > 0)}
        </span>
        <span className={cx("min-w-0 flex-1 truncate text-[0.8125rem]", isCommand ? "font-mono" : "")}>{title}</span>
        <Counts {...total} />
        <How part={part} result={result} />
        <ChevronRight size={15} aria-hidden className={cx("shrink-0 text-soft transition-transform", open && "rotate-90")} />
      </button>
      {open && (
        <div id={body} className="border-t border-line">
          {given.command !== undefined && given.command !== title && <Output text={`$ ${given.command}`} live={false} />}
          {given.rest !== undefined && <Values name="Arguments" value={given.rest} />}
          {changes.map((one, n) => (
            <Changed key={n} change={one} named={changes.length > 1} />
          ))}
          {result.names !== undefined && <Output text={result.names.join("\n")} live={false} />}
          {output !== "" && (isCommand || running ? <Output text={output} live={running} /> : <Read text={output} path={given.path} />)}
          {result.images.map((image, n) => (
            <img key={n} src={image} alt={`result ${n + 1} of ${part.tool}`} className="m-3 max-h-96 max-w-[calc(100%-1.5rem)] rounded" />
          ))}
          {result.rest !== undefined && <Values name="Result" value={result.rest} />}
          {part.error != null && <p className="bg-bad-soft px-3 py-2 text-sm wrap-anywhere text-bad">{part.error}</p>}
          {isBare(part, result, changes, output) && <p className="px-3 py-2 text-sm text-soft">{running ? "Nothing was told of it yet." : "It brought nothing that could be shown."}</p>}
        </div>
      )}
    </section>
  );
});

function isBare(part: ToolPart, result: Told, changes: readonly Change[], output: string): boolean {
  const given = asked(part.tool, part.arguments);
  return output === "" && changes.length === 0 && result.names === undefined && result.rest === undefined && result.images.length === 0 && part.error == null && given.rest === undefined;
}

function How({ part, result }: { part: ToolPart; result: Told }) {
  const { exit } = result;
  if (exit?.timedOut) return <Badge tone="bad">out of time</Badge>;
  if (exit != null && part.status === "completed") {
    const well = exit.code === 0;
    return <Badge tone={well ? "good" : "bad"}>{exit.signal != null ? `signal ${exit.signal}` : `exit ${exit.code ?? "unknown"}`}</Badge>;
  }
  switch (part.status) {
    case "pending":
    case "running":
      return <LoaderCircle size={15} role="img" aria-label={words[part.status]} className="shrink-0 animate-spin text-busy" />;
    case "completed":
      return <Check size={15} role="img" aria-label="done" className="shrink-0 text-good" />;
    case "error":
      return <CircleX size={15} role="img" aria-label="failed" className="shrink-0 text-bad" />;
    case "interrupted":
      return <Ban size={15} role="img" aria-label="interrupted" className="shrink-0 text-warn" />;
  }
}

function Changed({ change, named }: { change: Change; named: boolean }) {
  const lines = changeOf(change.path, change.before, change.after);
  return (
    <>
      {named && <p className="border-b border-line bg-sunken px-3 py-1 font-mono text-xs">{change.path}</p>}
      <FilePatch change={lines} className="max-h-72" />
    </>
  );
}

function Read({ text, path }: { text: string; path: string | undefined }) {
  return (
    <div className="px-3 pb-1">
      <Code text={text} language={languageOf(path)} className="max-h-72" />
    </div>
  );
}

function Values({ name, value }: { name: string; value: unknown }) {
  return (
    <div className="px-3 py-2">
      <p className="mb-1 text-xs font-medium text-soft">{name}</p>
      <Json value={value} />
    </div>
  );
}

function iconOf(tool: string, command: boolean, changes: boolean) {
  if (command) return <SquareTerminal size={15} />;
  if (changes) return tool === "edit" ? <FileDiff size={15} /> : <FilePen size={15} />;
  const name = tool.toLowerCase();
  if (name.includes("read")) return <FileText size={15} />;
  if (name.includes("list")) return <FolderTree size={15} />;
  if (/search|grep|find/.test(name)) return <Search size={15} />;
  return <Wrench size={15} />;
}
