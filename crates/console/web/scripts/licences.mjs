// Checks that everything that is installed may be used in closed works.
import { readFile } from "node:fs/promises";

const allowed = new Set(["MIT", "MIT-0", "ISC", "0BSD", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0", "MPL-2.0", "BlueOak-1.0.0", "CC0-1.0", "Unlicense", "Python-2.0"]);
/** Data, used while building only. */
const data = new Map([["caniuse-lite", "CC-BY-4.0"]]);

const lock = JSON.parse(await readFile(new URL("../package-lock.json", import.meta.url), "utf8"));
const parts = (licence) => licence.replace(/[()]/g, "").split(/\s+(?:OR|AND)\s+/);
const fits = (licence) => (/\sAND\s/.test(licence) ? parts(licence).every((part) => allowed.has(part)) : parts(licence).some((part) => allowed.has(part)));
const wrong = [];
let count = 0;
for (const [path, { license, dev }] of Object.entries(lock.packages)) {
  if (path === "") continue;
  count += 1;
  const name = path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
  if (dev && data.get(name) === license) continue;
  if (license === undefined || !fits(license)) wrong.push(`${name}: ${license ?? "no licence"}`);
}
if (wrong.length > 0) {
  console.error(`packages whose licences are not allowed:\n  ${wrong.join("\n  ")}`);
  process.exit(1);
}
console.log(`${count} packages, all under licences that allow closed use`);
