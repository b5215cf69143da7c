// The text of a definition, written with help: fields and names are offered, words explained, mistakes marked at their place.
// It stands in a shadow root, because the page's policy allows no style elements: there, its styles are adopted sheets.
import type { Ref } from "react";
import { useEffect, useImperativeHandle, useRef } from "react";
import type { Completion, CompletionContext, CompletionResult } from "@codemirror/autocomplete";
import { acceptCompletion, autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap, startCompletion } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import { bracketMatching, codeFolding, foldGutter, foldKeymap, indentOnInput, indentUnit } from "@codemirror/language";
import type { Diagnostic } from "@codemirror/lint";
import { lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { EditorState } from "@codemirror/state";
import { EditorView, drawSelection, highlightActiveLine, highlightActiveLineGutter, hoverTooltip, keymap, lineNumbers } from "@codemirror/view";
import type { Mistake } from "@/api/types";
import type { Choice } from "./complete";
import { choicesAt } from "./complete";
import { placeAt, readText } from "./document";
import type { DefinitionSchema } from "./schema";
import { theme } from "./theme";

export interface EditorHandle {
  focus: () => void;
  /** Goes to a place and marks what stands there. */
  goTo: (from: number, to?: number) => void;
  /** Goes to a line and column, both from 1. */
  goToLine: (line: number, column: number) => void;
  /** Puts a text where the cursor is. */
  insert: (text: string) => void;
  /** Puts another text in the place of all; it can be undone. */
  replace: (text: string) => void;
}

interface CodeEditorProps {
  ref?: Ref<EditorHandle>;
  label: string;
  /** What it begins with. */
  text: string;
  onText: (text: string) => void;
  onCursor: (offset: number, text: string) => void;
  mistakes: readonly Mistake[];
  schema: DefinitionSchema | undefined;
}

const HELP = "Control and Space offers what can be written. Tab indents; Escape and then Tab leaves the editor.";

export function CodeEditor({ ref, label, text, onText, onCursor, mistakes, schema }: CodeEditorProps) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  // What the editor asks while it lives; it is not made anew when they change.
  const now = useRef({ onText, onCursor, schema });
  useEffect(() => {
    now.current = { onText, onCursor, schema };
  });
  const first = useRef(text);

  useEffect(() => {
    const element = host.current;
    if (element === null) return;
    const root = element.shadowRoot ?? element.attachShadow({ mode: "open" });
    const frame = document.createElement("div");
    frame.style.height = "100%";
    root.replaceChildren(frame);
    const listen = EditorView.updateListener.of((update) => {
      if (update.docChanged) now.current.onText(update.state.doc.toString());
      // Where the cursor is tells which step is looked at, once somebody has put it there.
      if (update.docChanged || (update.selectionSet && update.view.hasFocus)) now.current.onCursor(update.state.selection.main.head, update.state.doc.toString());
    });
    const editor = new EditorView({
      parent: frame,
      root,
      state: EditorState.create({ doc: first.current, extensions: [basics, listen, help(() => now.current.schema), EditorView.contentAttributes.of({ "aria-label": label, "aria-description": HELP })] }),
    });
    view.current = editor;
    return () => {
      editor.destroy();
      view.current = null;
    };
  }, [label]);

  useEffect(() => {
    const editor = view.current;
    if (editor !== null) editor.dispatch(setDiagnostics(editor.state, mistakes.map((mistake) => diagnosticOf(mistake, editor.state))));
  }, [mistakes, label]);

  useImperativeHandle(ref, () => {
    const go = (from: number, to: number = from) => {
      const editor = view.current;
      if (editor === null) return;
      const end = editor.state.doc.length;
      editor.dispatch({ selection: { anchor: Math.min(from, end), head: Math.min(to, end) }, effects: EditorView.scrollIntoView(Math.min(from, end), { y: "start", yMargin: 48 }) });
      editor.focus();
    };
    return {
      focus: () => view.current?.focus(),
      goTo: go,
      goToLine: (line, column) => {
        const editor = view.current;
        if (editor !== null) go(offsetOf(editor.state, line, column));
      },
      insert: (piece) => {
        const editor = view.current;
        editor?.dispatch(editor.state.replaceSelection(piece));
        editor?.focus();
      },
      replace: (whole) => {
        const editor = view.current;
        editor?.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: whole }, selection: { anchor: 0 } });
      },
    };
  }, []);

  return <div ref={host} data-editor className="h-full min-h-0 overflow-hidden -outline-offset-1 outline-accent focus-within:outline-1" />;
}

const basics = [
  lineNumbers(),
  highlightActiveLineGutter(),
  history(),
  foldGutter(),
  codeFolding(),
  drawSelection(),
  indentOnInput(),
  indentUnit.of("  "),
  bracketMatching(),
  closeBrackets(),
  highlightActiveLine(),
  highlightSelectionMatches(),
  yaml(),
  lintGutter(),
  theme,
  EditorView.lineWrapping,
  keymap.of([
    { key: "Tab", run: acceptCompletion },
    ...closeBracketsKeymap,
    ...defaultKeymap,
    ...searchKeymap,
    ...historyKeymap,
    ...foldKeymap,
    ...completionKeymap,
    ...lintKeymap,
    indentWithTab,
  ]),
];

/** What the schema knows: offered while one writes, told when one points. */
function help(schema: () => DefinitionSchema | undefined) {
  return [
    autocompletion({ override: [(context) => offered(context, schema())], icons: false, maxRenderedOptions: 60 }),
    hoverTooltip((editor, offset) => {
      const known = schema();
      const { document, definition } = readText(editor.state.doc.toString());
      const at = placeAt(document, offset);
      const words = at.length === 0 ? undefined : known?.words(at, definition);
      const word = editor.state.wordAt(offset);
      if (words === undefined || words === "" || word === null) return null;
      return { pos: word.from, end: word.to, above: true, create: () => ({ dom: told(words) }) };
    }),
  ];
}

function offered(context: CompletionContext, schema: DefinitionSchema | undefined): CompletionResult | null {
  if (schema === undefined) return null;
  const found = choicesAt(context.state.doc.toString(), context.pos, schema, context.explicit);
  return found && { from: found.from, options: found.choices.map(completionOf), validFor: /^[\w."[\]-]*$/ };
}

function completionOf(choice: Choice, n: number): Completion {
  const { label, insert = label, detail, info, kind } = choice;
  return {
    label,
    type: kind,
    // They come in the order in which they are explained.
    boost: -n / 10,
    ...(detail === undefined ? {} : { detail }),
    ...(info === undefined || info === "" ? {} : { info }),
    apply: (editor, _, from, to) => {
      editor.dispatch({ changes: { from, to, insert }, selection: { anchor: from + insert.length }, userEvent: "input.complete" });
      // Behind the colon of a field that takes certain words, those are offered at once.
      if (kind === "field") startCompletion(editor);
    },
  };
}

function told(words: string): HTMLElement {
  const element = document.createElement("div");
  element.className = "cm-words";
  element.textContent = words;
  return element;
}

function offsetOf(state: EditorState, line: number, column: number): number {
  const found = state.doc.line(Math.min(Math.max(1, line), state.doc.lines));
  return Math.min(found.from + Math.max(0, column - 1), found.to);
}

function diagnosticOf(mistake: Mistake, state: EditorState): Diagnostic {
  const from = offsetOf(state, mistake.line ?? 1, mistake.column ?? 1);
  const line = state.doc.lineAt(from);
  const rest = line.text.slice(from - line.from);
  const length = Math.max(1, /^("[^"]*"|'[^']*'|[^,}\]#]*[^\s,}\]#])/.exec(rest)?.[0].length ?? 1);
  return {
    from,
    to: Math.min(from + length, line.to),
    severity: "error",
    source: mistake.code,
    message: mistake.fix === null || mistake.fix === undefined ? mistake.message : `${mistake.message}: ${mistake.fix}`,
  };
}
