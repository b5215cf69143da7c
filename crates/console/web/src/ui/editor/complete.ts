// What can be written at the cursor: fields and words that the schema knows, and names that exist where a template reads them.
import { readSteps } from "@/ui/flow/steps";
import { stepOfPlace, writingAt } from "./document";
import type { At, DefinitionSchema, FieldAbout } from "./schema";
import { scopeAt } from "./scope";

export interface Choice {
  label: string;
  /** What is put in, where it is more than the label. */
  insert?: string;
  /** A word beside it. */
  detail?: string;
  /** What it means. */
  info?: string;
  kind: "field" | "word" | "name";
}

export interface Choices {
  /** Where in the text what is replaced begins. */
  from: number;
  choices: Choice[];
}

/** Fields that are expressions without braces. */
const EXPRESSIONS = ["if", "condition", "while", "over"];

/** Lists what can be written at the cursor; `asked` when somebody wants to see it, even before the first letter. */
export function choicesAt(text: string, offset: number, schema: DefinitionSchema, asked: boolean): Choices | null {
  const before = text.slice(0, offset);
  const name = /[A-Za-z_][\w.]*$/.exec(before)?.[0] ?? "";
  if (isInBraces(before)) return names(text, offset, name, schema, asked);
  const word = /[\w-]*$/.exec(before)?.[0] ?? "";
  const writing = writingAt(text, offset, word);
  if (writing === undefined) return null;
  const key = writing.at.at(-1);
  if (writing.is !== "key" && typeof key === "string" && EXPRESSIONS.includes(key) && isStepField(writing.at)) return names(text, offset, name, schema, asked);
  if (writing.is === "text") return null;
  if (writing.is === "value") {
    const words = schema.values(writing.at, writing.definition);
    return some(offset - word.length, words.map(({ value, about }) => ({ label: value, info: about, kind: "word" })));
  }
  if (word === "" && !asked && !/(^|\n)\s*(- +)+$/.test(before)) return null;
  const colon = /^[\w-]*\s*:/.test(text.slice(offset));
  const fields = schema.fields(writing.at, writing.definition).filter((field) => !writing.there.includes(field.name) && field.name.startsWith(word.slice(0, 1)));
  const indent = " ".repeat(indentOf(before));
  return some(offset - word.length, fields.map((field) => choiceOf(field, colon, indent)));
}

function choiceOf(field: FieldAbout, colon: boolean, indent: string): Choice {
  const detail = field.required ? "required" : field.given === undefined ? undefined : `else ${JSON.stringify(field.given)}`;
  const after = colon ? "" : field.shape === "list" ? `:\n${indent}  - ` : field.shape === "object" ? `:\n${indent}  ` : ": ";
  return { label: field.name, insert: field.name + after, info: field.about, kind: "field", ...(detail === undefined ? {} : { detail }) };
}

/** How deep the fields of the object stand whose field is written: dashes before it count. */
function indentOf(before: string): number {
  const line = before.slice(before.lastIndexOf("\n") + 1);
  return /^[ -]*/.exec(line)?.[0].length ?? 0;
}

function isInBraces(before: string): boolean {
  const opened = Math.max(before.lastIndexOf("{{"), before.lastIndexOf("{%"));
  return opened > Math.max(before.lastIndexOf("}}"), before.lastIndexOf("%}")) && !before.slice(opened).includes("\n\n");
}

/** Tells whether a place is a field of a step, and no argument or variable that happens to have the same name. */
function isStepField(at: At): boolean {
  return typeof at.at(-2) === "number";
}

function names(text: string, offset: number, word: string, schema: DefinitionSchema, asked: boolean): Choices | null {
  if (word === "" && !asked && !/\{\{\s*$/.test(text.slice(0, offset))) return null;
  const writing = writingAt(text, offset, word);
  if (writing === undefined) return null;
  const step = stepOfPlace(readSteps(writing.definition), writing.at);
  const scope = scopeAt(writing.definition, step?.path ?? null, (type) => schema.gives(type));
  const choices = scope.flatMap((one): Choice[] => [
    { label: one.name, info: one.about, kind: "name" },
    ...one.fields.map((field): Choice => ({ label: `${one.name}.${field}`, info: one.about, kind: "name" })),
  ]);
  return some(offset - word.length, choices);
}

const some = (from: number, choices: Choice[]): Choices | null => (choices.length === 0 ? null : { from, choices });
