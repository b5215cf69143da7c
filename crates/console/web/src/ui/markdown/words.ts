// What of a text of others may be followed or shown, and characters that are written by name.

/** Ways that lead to a page or a person; everything else could run something. */
const LEADING = /^(https?|mailto|tel):/i;
const PICTURE = /^data:image\/(png|jpeg|gif|webp|avif|bmp|svg\+xml)[;,]/i;

/** Returns an address that may be followed; undefined for any that may not. */
export function followable(address: string): string | undefined {
  const plain = address.trim();
  if (LEADING.test(plain)) return plain;
  // Without a scheme it leads to a place of the agent's own, which is none of the console's.
  return undefined;
}

/** Tells whether a picture comes along in its address: then nothing is loaded. */
export function isPicture(address: string): boolean {
  return PICTURE.test(address.trim());
}

const named: Record<string, string> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  nbsp: "\u00a0",
  copy: "©",
  reg: "®",
  trade: "™",
  hellip: "…",
  ndash: "–",
  mdash: "—",
  laquo: "«",
  raquo: "»",
  times: "×",
  middot: "·",
  bull: "•",
  rarr: "→",
  larr: "←",
  euro: "€",
  deg: "°",
};

/** Writes characters out that are given by name or number, such as `&amp;` and `&#8364;`. Others stay as they are. */
export function spelled(text: string): string {
  if (!text.includes("&")) return text;
  return text.replace(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z]{2,8}));/gi, (whole, decimal?: string, hex?: string, name?: string) => {
    if (name !== undefined) return named[name.toLowerCase()] ?? whole;
    const code = decimal === undefined ? parseInt(hex ?? "", 16) : parseInt(decimal, 10);
    return code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code < 0xe000) ? String.fromCodePoint(code) : whole;
  });
}
