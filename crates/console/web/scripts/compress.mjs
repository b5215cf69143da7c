// Lays a brotli and a gzip form beside each file of the build that gets smaller, so that the server compresses nothing itself.
// Then tells what a first visit loads until it shows the sessions, and fails when that is more than was promised.
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const FIRST_LOAD_MAX = 250_000;
const folder = fileURLToPath(new URL("../../dist", import.meta.url));
const text = /\.(html|js|css|svg|json|webmanifest|txt)$/;
const gzipped = new Map();

for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
  const path = join(entry.parentPath, entry.name);
  if (!entry.isFile() || !text.test(entry.name)) continue;
  const plain = await readFile(path);
  const gzip = gzipSync(plain, { level: 9 });
  const brotli = brotliCompressSync(plain, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: plain.length } });
  gzipped.set(path.slice(folder.length + 1), gzip.length);
  if (gzip.length < plain.length) await writeFile(`${path}.gz`, gzip);
  if (brotli.length < plain.length) await writeFile(`${path}.br`, brotli);
}

/** The page where one arrives, and where most visits begin. */
const LANDING = "src/pages/sessions/index.tsx";
const manifest = JSON.parse(await readFile(join(folder, "manifest.json"), "utf8"));
const first = new Set(["index.html"]);
const needed = (key) => {
  const chunk = manifest[key];
  if (first.has(chunk.file)) return;
  first.add(chunk.file);
  for (const style of chunk.css ?? []) first.add(style);
  for (const other of chunk.imports ?? []) needed(other);
};
needed("index.html");
needed(LANDING);
const sum = (names) => [...names].reduce((bytes, name) => bytes + (gzipped.get(name) ?? 0), 0);
for (const name of ["manifest.json", "manifest.json.gz", "manifest.json.br"]) await rm(join(folder, name), { force: true });
gzipped.delete("manifest.json");

const kb = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;
console.log(`first load, down to the list of sessions and a chat: ${kb(sum(first))} gzip, of at most ${kb(FIRST_LOAD_MAX)}; all together ${kb(sum(gzipped.keys()))}`);
if (sum(first) > FIRST_LOAD_MAX) {
  console.error("the first load is too large: load what not every page needs when it is needed");
  process.exit(1);
}
