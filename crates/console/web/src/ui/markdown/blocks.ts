// Cuts a text that only grows into blocks; what is settled is not looked at again.
import type { Token } from "marked";
import { Lexer } from "marked";

/** Blocks that are read again with every piece: a list or a table may still go on. */
const OPEN_BLOCKS = 2;

export class Blocks {
  #text = "";
  #settled: Token[] = [];
  #settledLength = 0;
  /** What `[name]: address` lines have said. */
  #links: Lexer["tokens"]["links"] = {};

  of(written: string): Token[] {
    // The reader counts every kind of line break as one character.
    const text = written.replace(/\r\n?/g, "\n");
    if (!text.startsWith(this.#text.slice(0, this.#settledLength))) {
      this.#settled = [];
      this.#settledLength = 0;
      this.#links = {};
    }
    this.#text = text;
    const lexer = new Lexer();
    lexer.tokens.links = { ...this.#links };
    const open: Token[] = [...lexer.lex(text.slice(this.#settledLength))];
    while (open.length > OPEN_BLOCKS) {
      const block = open.shift() as Token;
      this.#settled.push(block);
      this.#settledLength += block.raw.length;
      if (block.type === "def") this.#links = lexer.tokens.links;
    }
    return [...this.#settled, ...open];
  }
}
