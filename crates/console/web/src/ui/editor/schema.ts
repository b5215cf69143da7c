// The schema of definitions as the server publishes it, asked what may stand at a place.
import { useQuery } from "@tanstack/react-query";
import { api, ask } from "@/api/client";
import { isFields } from "@/ui/flow/steps";

type Node = Record<string, unknown>;
/** Keys and numbers from the top of a definition: `["steps", 0, "type"]`. */
export type At = readonly (string | number)[];

/** A field that may stand in an object. */
export interface FieldAbout {
  name: string;
  about: string;
  required: boolean;
  /** What stands there when nothing is said. */
  given: unknown;
  /** How its value begins: a text on the line, or something on lines of its own. */
  shape: "text" | "list" | "object";
}

/** A word that may stand as a value. */
export interface ValueAbout {
  value: string;
  about: string;
}

const DEPTH_MAX = 8;

export class DefinitionSchema {
  readonly #root: Node;
  readonly #defs: Node;

  constructor(root: unknown) {
    this.#root = isFields(root) ? root : {};
    this.#defs = isFields(this.#root.$defs) ? this.#root.$defs : {};
  }

  /** Says what a type of step does. */
  about(type: string): string | undefined {
    const form = this.#defs[type];
    return isFields(form) && type !== "step" && type !== "steps" && typeof form.description === "string" ? form.description : undefined;
  }

  /** Lists what a type of step gives, as its description says: "Gives `exitCode`, `stdout` …". */
  gives(type: string): string[] {
    const said = /\b[Gg]ives (.*?)(?:[.;](?:\s|$)|$)/.exec(this.about(type) ?? "")?.[1] ?? "";
    // What stands in brackets are values, not names.
    return [...said.replace(/\([^)]*\)/g, "").matchAll(/`(\w+)`/g)].map((found) => found[1] ?? "");
  }

  /** Lists the fields that may stand in the object at a place. `document` tells which type the steps around it have. */
  fields(at: At, document: unknown): FieldAbout[] {
    const found = new Map<string, FieldAbout>();
    for (const node of this.#at(at, document)) {
      const required = Array.isArray(node.required) ? node.required : [];
      for (const [name, field] of Object.entries(isFields(node.properties) ? node.properties : {})) {
        if (found.has(name) || !isFields(field) || field.deprecated === true) continue;
        found.set(name, { name, about: words(field), required: required.includes(name), given: field.default, shape: this.#shape(field) });
      }
    }
    return [...found.values()];
  }

  /** Lists the words that may stand as the value at a place. */
  values(at: At, document: unknown): ValueAbout[] {
    const found = new Map<string, ValueAbout>();
    for (const node of this.#at(at, document)) {
      const each = eachWord(node);
      for (const value of Array.isArray(node.enum) ? node.enum : []) {
        const text = String(value);
        found.set(text, { value: text, about: each.get(text) ?? (each.size === 0 ? words(node) : "") });
      }
      if (node.type === "boolean") for (const value of ["true", "false"]) found.set(value, { value, about: words(node) });
    }
    return [...found.values()];
  }

  /** Says what stands at a place. */
  words(at: At, document: unknown): string | undefined {
    const key = at.at(-1);
    const parent = at.slice(0, -1);
    // Of a step's type, what that one does is told, and not what all of them do.
    const type = key === "type" && typeof parent.at(-1) === "number" ? valueAt(document, at) : undefined;
    if (typeof type === "string" && this.about(type) !== undefined) return this.about(type);
    if (typeof key === "string") {
      const field = this.fields(parent, document).find((one) => one.name === key);
      if (field !== undefined) return field.about;
    }
    return this.#at(at, document).map(words).find((text) => text !== "");
  }

  /** Returns every schema that holds at a place. */
  #at(at: At, document: unknown): Node[] {
    let nodes = this.#open(this.#root, document);
    let value = document;
    for (const key of at) {
      value = valueAt(value, [key]);
      const inner = nodes.flatMap((node) => below(node, key));
      nodes = inner.flatMap((node) => this.#open(node, value));
    }
    return nodes;
  }

  /** Follows references and alternatives to all schemas that may hold for a value. */
  #open(node: Node, value: unknown, depth = 0): Node[] {
    if (depth > DEPTH_MAX) return [];
    if (typeof node.$ref === "string") {
      const target = this.#defs[node.$ref.replace("#/$defs/", "")];
      const opened = isFields(target) ? this.#open(target, value, depth + 1) : [];
      return typeof node.description === "string" && opened.length > 0 ? [{ description: node.description }, ...opened] : opened;
    }
    const more: Node[] = [];
    for (const one of [...nodesOf(node.anyOf), ...nodesOf(node.oneOf)]) more.push(...this.#open(one, value, depth + 1));
    for (const one of nodesOf(node.allOf)) {
      if (isFields(one.if) && isFields(one.then)) {
        // What holds for one type of step holds only where the step has it.
        if (isConst(one.if, value)) more.push(...this.#open(one.then, value, depth + 1));
      } else {
        more.push(...this.#open(one, value, depth + 1));
      }
    }
    return [node, ...more];
  }

  #shape(field: Node): FieldAbout["shape"] {
    const all = this.#open(field, undefined);
    if (all.some((one) => one.type === "string" || one.type === "boolean" || one.type === "integer" || one.type === "number" || Array.isArray(one.type) || Array.isArray(one.enum))) return "text";
    if (all.some((one) => one.type === "object")) return "object";
    return all.some((one) => one.type === "array") ? "list" : "text";
  }
}

function valueAt(document: unknown, at: At): unknown {
  return at.reduce((value: unknown, key) => (typeof key === "number" ? (Array.isArray(value) ? (value[key] as unknown) : undefined) : isFields(value) ? value[key] : undefined), document);
}

const nodesOf = (value: unknown): Node[] => (Array.isArray(value) ? value.filter(isFields) : []);
const words = (node: Node): string => (typeof node.description === "string" ? node.description : "");

function below(node: Node, key: string | number): Node[] {
  if (typeof key === "number") return isFields(node.items) ? [node.items] : [];
  const named = isFields(node.properties) ? node.properties[key] : undefined;
  if (isFields(named)) return [named];
  return isFields(node.additionalProperties) ? [node.additionalProperties] : [];
}

function isConst(condition: Node, value: unknown): boolean {
  const properties = isFields(condition.properties) ? condition.properties : {};
  return Object.entries(properties).every(([name, one]) => isFields(one) && isFields(value) && value[name] === one.const);
}

/** Reads "word: what it means" lines of a description. */
function eachWord(node: Node): Map<string, string> {
  const lines = words(node).split("\n").map((line) => /^(\w+): (.*)$/.exec(line));
  return new Map(lines.flatMap((line) => (line === null ? [] : [[line[1] ?? "", line[2] ?? ""] as [string, string]])));
}

/** Reads the schema once. */
export function useSchema() {
  return useQuery({ queryKey: ["schema", "workflow"], queryFn: async () => new DefinitionSchema(await ask(api.GET("/schema/workflow.json"))) });
}
