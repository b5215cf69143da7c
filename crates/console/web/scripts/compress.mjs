// Lays a brotli and a gzip form beside each file of the build that gets smaller, so that the server compresses nothing itself.
// Then tells what a first visit loads, and fails when that is more than was promised.
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const FIRST_LOAD_MAX = 250 * 1024;
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

const page = await readFile(join(folder, "index.html"), "utf8");
const named = [...page.matchAll(/(?:src|href)="\/(assets\/[^"]+)"/g)].map((match) => match[1]);
const first = ["index.html", ...named].reduce((sum, name) => sum + (gzipped.get(name) ?? 0), 0);
const kib = (bytes) => `${(bytes / 1024).toFixed(1)} KiB`;
console.log(`first load: ${kib(first)} gzip, of at most ${kib(FIRST_LOAD_MAX)}; all together ${kib([...gzipped.values()].reduce((a, b) => a + b, 0))}`);
if (first > FIRST_LOAD_MAX) {
  console.error("the first load is too large: load what not every page needs when it is needed");
  process.exit(1);
}
