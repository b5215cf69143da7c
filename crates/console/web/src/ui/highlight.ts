// Colours for code. It is loaded when the first code is shown.
import { common, createLowlight } from "lowlight";

export interface Coloured {
  text: string;
  look: string;
}

const lowlight = createLowlight(common);

const looks: Record<string, string> = {
  "hljs-keyword": "text-accent",
  "hljs-built_in": "text-accent",
  "hljs-literal": "text-accent",
  "hljs-type": "text-busy",
  "hljs-title": "text-busy",
  "hljs-attr": "text-busy",
  "hljs-attribute": "text-busy",
  "hljs-name": "text-busy",
  "hljs-number": "text-warn",
  "hljs-symbol": "text-warn",
  "hljs-variable": "text-warn",
  "hljs-string": "text-good",
  "hljs-regexp": "text-good",
  "hljs-addition": "text-good",
  "hljs-deletion": "text-bad",
  "hljs-meta": "text-soft",
  "hljs-comment": "text-soft italic",
};

interface Node {
  type: string;
  value?: string;
  properties?: { className?: unknown };
  children?: Node[];
}

/** Cuts a text into pieces of one colour each. */
export function highlight(text: string, language: string | undefined): Coloured[] {
  if (language === undefined || !lowlight.registered(language)) return [{ text, look: "" }];
  const pieces: Coloured[] = [];
  const walk = (node: Node, look: string) => {
    if (node.type === "text") pieces.push({ text: node.value ?? "", look });
    const names = Array.isArray(node.properties?.className) ? (node.properties.className as string[]) : [];
    const own = names.map((name) => looks[name]).find((known) => known !== undefined) ?? look;
    for (const child of node.children ?? []) walk(child, own);
  };
  walk(lowlight.highlight(language, text) as Node, "");
  return pieces;
}
