// Writes the TypeScript types of everything that travels, from the two schemas that the server keeps true.
import { readFile, writeFile } from "node:fs/promises";
import openapiTS, { astToString } from "openapi-typescript";

const read = async (name) => JSON.parse(await readFile(new URL(`../schema/${name}.json`, import.meta.url), "utf8"));
const api = await read("openapi");
const frames = await read("frames");

/** Points references of the frames' own document to where the API's document keeps its types. */
const moved = (value) => {
  if (Array.isArray(value)) return value.map(moved);
  if (value === null || typeof value !== "object") return value;
  const entries = Object.entries(value).map(([key, inner]) => [
    key,
    key === "$ref" ? inner.replace("#/$defs/", "#/components/schemas/") : moved(inner),
  ]);
  return Object.fromEntries(entries);
};

api.components.schemas = { ...moved(frames.$defs), ...api.components.schemas };
// Definitions of workflows and triggers travel as text; their own schemas are for editors, at run time.
const outside = (value) => {
  if (value === null || typeof value !== "object") return;
  if (typeof value.$ref === "string" && value.$ref.startsWith("/schema/")) {
    delete value.$ref;
    value.type = "string";
  }
  Object.values(value).forEach(outside);
};
outside(api.paths);

const text = astToString(await openapiTS(api, { alphabetize: true }));
await writeFile(new URL("../src/api/schema.gen.ts", import.meta.url), `// Made by scripts/types.mjs.\n${text}`);
