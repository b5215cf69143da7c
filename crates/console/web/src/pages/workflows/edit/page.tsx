// The editor of a workflow: its text beside its diagram, judged as it is written.
import { useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import { useNavigate } from "@tanstack/react-router";
import { FlaskConical, RotateCcw, Save } from "lucide-react";
import type { Mistake } from "@/api/types";
import { useRow } from "@/live/feed";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { cx } from "@/ui/classes";
import { authoredText } from "@/ui/editor/authored";
import type { EditorHandle } from "@/ui/editor/code-editor";
import { CodeEditor } from "@/ui/editor/code-editor";
import { placeAt, rangeOf, readText, stepOfPlace } from "@/ui/editor/document";
import { StepInspector } from "@/ui/editor/inspector";
import { useSchema } from "@/ui/editor/schema";
import { Flow, allSteps, readSteps } from "@/ui/flow";
import { isFields, textOf } from "@/ui/flow/steps";
import { Page } from "@/ui/page";
import { Failure } from "@/ui/states";
import { Tabs } from "@/ui/tabs";
import { tell } from "@/ui/toast";
import type { WorkflowView } from "../data";
import { RunDialog } from "../run-dialog";
import { shortHash } from "../words";
import type { Check } from "./checking";
import { useCheck } from "./checking";
import { Describe } from "./describe";
import { kept } from "./kept";
import { Mistakes } from "./mistakes";
import { SaveDialog } from "./save";

const BLANK = `name: My workflow
description: What it is for.

steps:
  - id: hello
    type: bash
    command: echo hello
`;

type Side = "yaml" | "diagram" | "describe";

export default function Edit({ of = null }: { of?: WorkflowView | null }) {
  const navigate = useNavigate();
  const id = of?.id ?? null;
  // Where it begins: what was typed before, else what is stored. Both stay what they were while this is open.
  const [start] = useState(() => {
    const stored = of === null ? BLANK : authoredText(of.definition);
    const typed = kept.get(id);
    return { stored, text: typed?.text ?? stored, base: typed?.base ?? of?.hash ?? null };
  });
  const [text, setText] = useState(start.text);
  const [base, setBase] = useState(start.base);
  const read = useMemo(() => readText(text), [text]);
  const [good, setGood] = useState<unknown>(read.definition);
  // The diagram shows the last text that was one.
  if (read.definition !== undefined && read.definition !== good) setGood(read.definition);
  const check = useCheck(text);
  const mistakes = useMemo(() => (check.is === "judged" ? check.validity.mistakes : []), [check]);
  const steps = useMemo(() => readSteps(good), [good]);
  const [selected, setSelected] = useState<string | null>(null);
  const [open, setOpen] = useState<"save" | "run" | null>(null);
  const wide = useWide();
  const [side, setSide] = useState<Side>(of === null ? "describe" : "yaml");
  // Where there is room, the text is always there, and a view beside it.
  const shown = wide && side === "yaml" ? "diagram" : side;
  const editor = useRef<EditorHandle>(null);
  const schema = useSchema();
  const changed = text !== start.stored;
  const row = useRow("workflow", id ?? undefined);
  const name = (isFields(good) && textOf(good.name)) || of?.name || "New workflow";

  useEffect(() => {
    if (changed) kept.set(id, { text, base });
    else kept.clear(id);
  }, [id, text, base, changed]);

  const follow = (offset: number, written: string) => {
    const { document, definition } = readText(written);
    if (definition !== undefined) setSelected(stepOfPlace(readSteps(definition), placeAt(document, offset))?.path ?? null);
  };
  const goToStep = (path: string) => {
    setSelected(path);
    const step = allSteps(steps).find((one) => one.path === path);
    const range = step && rangeOf(read.document, step.at);
    if (wide && range !== undefined) editor.current?.goTo(range.from);
  };
  const take = (definition: string) => {
    editor.current?.replace(definition);
    setSide("diagram");
  };
  const goTo = (mistake: Mistake) => {
    if (!wide) setSide("yaml");
    requestAnimationFrame(() => editor.current?.goToLine(mistake.line ?? 1, mistake.column ?? 1));
  };
  const valid = check.is === "judged" && check.validity.valid;
  const save = () => {
    if (valid) setOpen("save");
    else if (mistakes[0] !== undefined) goTo(mistakes[0]);
  };
  const words = { yaml: "YAML", diagram: "Diagram", describe: "Describe it" } as const;
  const tabs = (wide ? (["diagram", "describe"] as const) : (["yaml", "diagram", "describe"] as const)).map((key) => ({ key, label: words[key] }));

  return (
    <Page
      bare
      title={of === null ? "New workflow" : `Edit ${of.name}`}
      beside={<Standing check={check} changed={changed} />}
      actions={
        <>
          {changed && (
            <Button
              look="quiet"
              icon={<RotateCcw size={15} aria-hidden />}
              onClick={() => {
                editor.current?.replace(start.stored);
                setBase(of?.hash ?? null);
              }}
            >
              Discard
            </Button>
          )}
          <Button icon={<FlaskConical size={15} aria-hidden />} disabled={!valid} onClick={() => setOpen("run")}>
            Test run
          </Button>
          <Button look="primary" icon={<Save size={15} aria-hidden />} disabled={!changed && of !== null} aria-keyshortcuts="Control+S Meta+S" onClick={save}>
            Save
          </Button>
        </>
      }
    >
      {row !== undefined && base !== null && row.hash !== base && (
        <p role="status" className="border-b border-line bg-warn-soft px-4 py-1.5 text-sm text-warn">
          A newer version was saved meanwhile ({row.version}, {shortHash(row.hash)}); you began from {shortHash(base)}. Saving shows what that would change.
        </p>
      )}
      {/* Saving by the keyboard works wherever the focus is. */}
      {/* eslint-disable-next-line jsx-a11y/no-static-element-interactions */}
      <div
        className="flex min-h-0 flex-1 flex-col md:flex-row"
        onKeyDown={(event) => {
          if (event.key !== "s" || !(event.metaKey || event.ctrlKey)) return;
          event.preventDefault();
          save();
        }}
      >
        <div className={cx("min-h-0 min-w-0 flex-1 flex-col border-line md:flex md:border-r", shown === "yaml" || wide ? "flex" : "hidden")}>
          {!wide && <SideTabs tabs={tabs} current={shown} onChange={setSide} />}
          <div className="min-h-0 flex-1">
            <CodeEditor ref={editor} label="Definition as YAML" text={start.text} onText={setText} onCursor={follow} mistakes={mistakes} schema={schema.data} />
          </div>
          {mistakes.length > 0 && (
            <section aria-label="What is wrong" className="max-h-[30%] shrink-0 overflow-y-auto border-t border-line bg-surface">
              <Mistakes mistakes={mistakes} onGo={goTo} />
            </section>
          )}
          {check.is === "unknown" && <Failure error={check.error} className="m-2" />}
        </div>
        <div className={cx("min-h-0 min-w-0 flex-1 flex-col", shown === "yaml" ? "hidden" : "flex")}>
          <SideTabs tabs={tabs} current={shown} onChange={setSide} />
          {/* It stays while another view is looked at: a model may be at work in it. */}
          <div className={cx("min-h-0 flex-1 flex-col", shown === "describe" ? "flex" : "hidden")}>
            <Describe base={of === null && text === BLANK ? "" : text} steps={allSteps(steps)} selected={selected} onTake={take} />
          </div>
          {shown === "diagram" && (
            <>
              <div className="min-h-0 flex-1">
                <Flow definition={good} selected={selected} onSelect={goToStep} />
              </div>
              {selected !== null && (
                <div className="max-h-[45%] shrink-0 overflow-y-auto border-t border-line bg-surface">
                  <StepInspector definition={good} path={selected} onClose={() => setSelected(null)} onName={wide ? (one) => editor.current?.insert(`{{ ${one} }}`) : undefined} />
                </div>
              )}
            </>
          )}
        </div>
      </div>
      {open === "save" && check.is === "judged" && (
        <SaveDialog
          text={text}
          name={name}
          slug={check.validity.slug ?? ""}
          of={of}
          base={base}
          onClose={() => setOpen(null)}
          onSaved={(slug, version) => {
            kept.clear(id);
            tell.done(`${name} is saved${version === "" ? "" : ` as version ${version}`}.`);
            void navigate({ to: "/workflows/$workflow", params: { workflow: slug } });
          }}
        />
      )}
      {open === "run" && <RunDialog trial title={`Test ${name}`} definition={good} of={{ definition: text }} onClose={() => setOpen(null)} />}
    </Page>
  );
}

interface SideTabsProps {
  tabs: readonly { key: Side; label: string }[];
  current: Side;
  onChange: (side: Side) => void;
}

function SideTabs({ tabs, current, onChange }: SideTabsProps) {
  return (
    <div className="shrink-0 border-b border-line bg-surface px-2">
      <Tabs small label="Views" tabs={tabs} current={current} onChange={onChange} />
    </div>
  );
}

function Standing({ check, changed }: { check: Check; changed: boolean }) {
  return (
    <span role="status" className="flex items-center gap-1.5">
      {check.is === "checking" && <Badge>checking</Badge>}
      {check.is === "unknown" && <Badge tone="warn">not checked</Badge>}
      {check.is === "judged" && check.validity.valid && <Badge tone="good">valid</Badge>}
      {check.is === "judged" && !check.validity.valid && <Badge tone="bad">{check.validity.mistakes.length === 1 ? "1 mistake" : `${check.validity.mistakes.length} mistakes`}</Badge>}
      {changed && <Badge title="What you typed is kept in this tab until you save or discard it.">not saved</Badge>}
    </span>
  );
}

const media = typeof window === "undefined" ? null : window.matchMedia("(min-width: 768px)");

function useWide(): boolean {
  return useSyncExternalStore(
    (listener) => {
      media?.addEventListener("change", listener);
      return () => media?.removeEventListener("change", listener);
    },
    () => media?.matches ?? true,
  );
}
