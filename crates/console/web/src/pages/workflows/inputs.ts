// The inputs of a definition as a form: what is asked for, and how what was typed becomes values.
import { parse } from "yaml";
import { isFields } from "@/ui/flow/steps";

export interface InputField {
  name: string;
  type: "string" | "number" | "integer" | "boolean" | "array" | "object" | "any";
  required: boolean;
  default: unknown;
  choices: unknown[];
  description: string | undefined;
}

const TYPES = ["string", "number", "integer", "boolean", "array", "object", "any"] as const;

/** Lists the inputs of a definition, as it is stored or as it is being written. */
export function inputFields(definition: unknown): InputField[] {
  const inputs = isFields(definition) ? definition.inputs : undefined;
  const entries: [unknown, unknown][] = Array.isArray(inputs) ? inputs.map((one: unknown) => [isFields(one) ? one.name : undefined, one]) : isFields(inputs) ? Object.entries(inputs) : [];
  return entries.flatMap(([name, said]): InputField[] => {
    if (typeof name !== "string") return [];
    const fields = isFields(said) ? said : { type: said };
    return [
      {
        name,
        type: TYPES.find((type) => type === fields.type) ?? "any",
        required: fields.required === true,
        default: fields.default,
        choices: Array.isArray(fields.enum) ? fields.enum : [],
        description: typeof fields.description === "string" ? fields.description : undefined,
      },
    ];
  });
}

/** What stands in a field at first. */
export function begun(field: InputField): string {
  if (field.default === undefined) return "";
  return typeof field.default === "string" ? field.default : JSON.stringify(field.default);
}

/** What was typed, as a value: `left out` when there is nothing to send, `wrong` when it is none of its type. */
export type Typed = { is: "value"; value: unknown } | { is: "left out" } | { is: "wrong"; why: string };

export function typed(field: InputField, text: string): Typed {
  // What holds anyway is not sent, so that the server's own default stays one.
  if (text === begun(field) && field.default !== undefined) return { is: "left out" };
  if (field.choices.length > 0) {
    const choice = field.choices.find((one) => choiceText(one) === text);
    return choice === undefined ? missing(field) : { is: "value", value: choice };
  }
  if (field.type === "string") return text === "" && field.default === undefined ? missing(field) : { is: "value", value: text };
  if (text.trim() === "") return missing(field);
  switch (field.type) {
    case "boolean":
      return { is: "value", value: text === "true" };
    case "number":
    case "integer": {
      const number = Number(text);
      if (!Number.isFinite(number)) return { is: "wrong", why: "This is no number." };
      if (field.type === "integer" && !Number.isInteger(number)) return { is: "wrong", why: "This is no whole number." };
      return { is: "value", value: number };
    }
    default:
      return structured(field, text);
  }
}

export const choiceText = (choice: unknown): string => (typeof choice === "string" ? choice : JSON.stringify(choice));

function structured(field: InputField, text: string): Typed {
  let value: unknown;
  try {
    value = parse(text) as unknown;
  } catch {
    return { is: "wrong", why: "This is neither JSON nor YAML." };
  }
  if (field.type === "array" && !Array.isArray(value)) return { is: "wrong", why: "This is no list: write one like [a, b], or lines that begin with a dash." };
  if (field.type === "object" && !isFields(value)) return { is: "wrong", why: "This is no object: write one like {name: value}." };
  return { is: "value", value };
}

function missing(field: InputField): Typed {
  return field.required ? { is: "wrong", why: "The run needs this." } : { is: "left out" };
}

/** Turns what was typed into the inputs of a run, or says what is wrong with which field. */
export function valuesOf(fields: readonly InputField[], texts: Readonly<Record<string, string>>): { values: Record<string, unknown>; wrong: Record<string, string> } {
  const values: Record<string, unknown> = {};
  const wrong: Record<string, string> = {};
  for (const field of fields) {
    const one = typed(field, texts[field.name] ?? begun(field));
    if (one.is === "value") values[field.name] = one.value;
    if (one.is === "wrong") wrong[field.name] = one.why;
  }
  return { values, wrong };
}
