// What agents send as arguments and results of their calls, as far as its form is known; everything else is shown as it is.

export interface Change {
  path: string;
  before: string;
  after: string;
}

/** A result in the pieces that people read. */
export interface Told {
  changes: Change[];
  /** What a command printed, or a text that was read. */
  text?: string;
  /** How a command ended. */
  exit?: { code: number | null; signal: string | null; timedOut: boolean };
  names?: string[];
  images: string[];
  /** What is none of these. */
  rest?: unknown;
}

type Fields = Record<string, unknown>;

const isFields = (value: unknown): value is Fields => typeof value === "object" && value !== null && !Array.isArray(value);
const textOf = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);
const isImage = (text: string): boolean => text.startsWith("data:image/");

function change(value: unknown): Change | undefined {
  if (!isFields(value) || typeof value.path !== "string" || typeof value.new !== "string") return undefined;
  return { path: value.path, before: textOf(value.old) ?? "", after: value.new };
}

/** Reads what a call brought. */
export function told(result: unknown): Told {
  if (typeof result === "string") return isImage(result) ? { changes: [], images: [result] } : { changes: [], images: [], text: result };
  if (Array.isArray(result)) return content(result);
  if (!isFields(result)) return { changes: [], images: [], ...(result == null ? {} : { rest: result }) };
  const { diff, diffs, exit, signal, timed_out, output, text, content: read, entries, raw, ...rest } = result;
  // How many bytes were written says less than the change that is shown.
  delete rest.bytes;
  const changes = [diff, ...(Array.isArray(diffs) ? (diffs as unknown[]) : [])].flatMap((one) => change(one) ?? []);
  const parts = Array.isArray(read) ? content(read) : undefined;
  const whole: Told = { changes: [...changes, ...(parts?.changes ?? [])], images: parts?.images ?? [] };
  const said = textOf(output) ?? textOf(text) ?? textOf(read) ?? parts?.text;
  if (said !== undefined) whole.text = said;
  if ("exit" in result) whole.exit = { code: typeof exit === "number" ? exit : null, signal: signal == null ? null : String(signal), timedOut: timed_out === true };
  if (Array.isArray(entries)) whole.names = entries.map(String);
  const more = raw !== undefined && said === undefined && changes.length === 0 ? { ...rest, raw } : rest;
  if (Object.keys(more).length > 0) whole.rest = more;
  return whole;
}

/** Content as MCP has it: a list of texts and pictures. */
function content(list: unknown[]): Told {
  const texts: string[] = [];
  const images: string[] = [];
  const rest: unknown[] = [];
  for (const piece of list) {
    if (isFields(piece) && piece.type === "text" && typeof piece.text === "string") texts.push(piece.text);
    else if (isFields(piece) && piece.type === "image" && typeof piece.data === "string") images.push(`data:${textOf(piece.mimeType) ?? "image/png"};base64,${piece.data}`);
    else if (typeof piece === "string" && isImage(piece)) images.push(piece);
    else rest.push(piece);
  }
  return { changes: [], images, ...(texts.length > 0 ? { text: texts.join("\n") } : {}), ...(rest.length > 0 ? { rest } : {}) };
}

/** Reads what a call was given: the command it runs, the file it is about, what it will change. */
export function asked(tool: string, value: unknown): { command?: string; path?: string; change?: Change; rest?: unknown } {
  if (!isFields(value)) return value == null ? {} : { rest: value };
  const { command, path, file_path, find, replace, old_string, new_string, content: whole, ...rest } = value;
  const file = textOf(path) ?? textOf(file_path);
  const read: { command?: string; path?: string; change?: Change; rest?: unknown } = {};
  if (typeof command === "string") read.command = command;
  if (file !== undefined) read.path = file;
  const before = textOf(find) ?? textOf(old_string);
  const after = textOf(replace) ?? textOf(new_string);
  if (file !== undefined && before !== undefined && after !== undefined) read.change = { path: file, before, after };
  else if (file !== undefined && typeof whole === "string") read.change = { path: file, before: "", after: whole };
  else if (file !== undefined && tool === "append" && typeof rest.text === "string") {
    read.change = { path: file, before: "", after: rest.text };
    delete rest.text;
  }
  if (Object.keys(rest).length > 0) read.rest = rest;
  return read;
}

/** Guesses the language of a file for its colours. */
export function languageOf(path: string | undefined): string | undefined {
  const ending = /\.(\w+)$/.exec(path ?? "")?.[1]?.toLowerCase();
  if (ending === undefined) return undefined;
  return languages[ending] ?? ending;
}

const languages: Record<string, string> = { rs: "rust", ts: "typescript", tsx: "typescript", js: "javascript", jsx: "javascript", py: "python", rb: "ruby", yml: "yaml", sh: "bash", md: "markdown", toml: "ini", htm: "xml", html: "xml", svg: "xml" };
