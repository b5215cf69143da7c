import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it } from "vitest";
import { Markdown } from ".";
import { Blocks } from "./blocks";

const raw = (blocks: Blocks, text: string) => blocks.of(text).map((block) => block.raw);
const html = (text: string) => renderToStaticMarkup(<Markdown text={text} />);

describe("what an agent writes", () => {
  it("runs no script and loads nothing from elsewhere", () => {
    const shown = html(
      [
        "<script>alert(1)</script>",
        '<img src=x onerror="alert(1)">',
        "![spy](https://evil.example/pixel.png)",
        "[here](javascript:alert(1))",
        "![in](data:text/html,<script>alert(1)</script>)",
      ].join("\n\n"),
    );
    expect(shown).not.toContain("<script");
    expect(shown).not.toContain("<img");
    expect(shown).not.toContain('="javascript:');
    expect(shown).not.toContain('="data:text');
    expect(shown).toContain("&lt;script&gt;");
  });

  it("shows pictures that came along", () => {
    expect(html("![dot](data:image/png;base64,AAAA)")).toContain('<img src="data:image/png;base64,AAAA"');
  });

  it("follows no address that could run something, however it is written", () => {
    const addresses = ["javascript:alert(1)", " JaVaScRiPt:alert(1)", "&#106;avascript:alert(1)", "vbscript:x", "data:text/html,x", "file:///etc/passwd", "//evil.example", "/api/me"];
    for (const address of addresses) expect(html(`[x](<${address}>) ![y](<${address}>)`), address).not.toMatch(/<a|<img/);
  });

  it("is rendered as what it means", () => {
    const shown = html(
      "# Title\n\nA *word*, a **strong** one, ~~none~~ and `code <b>`; &lt;tag&gt; &amp; &#8364; \\*plain\\*\n\n3. three\n4. four\n   - inner\n\n- [x] done\n- [ ] not\n\n> said\n\n| a | b |\n|---|--:|\n| 1 | 2 |\n\n```rust\nfn x() {}\n```\n\n[named][n]\n\n[n]: https://example.org\n\n---",
    );
    const expected = ["<h3", "<em>word</em>", "strong</strong>", "<del>none</del>", "code &lt;b&gt;</code>", "&lt;tag&gt; &amp; €", "*plain*", '<ol start="3"', "inner", 'aria-label="done"', "<blockquote", "text-right", "fn x() {}", 'href="https://example.org"', "<hr"];
    for (const piece of expected) expect(shown, piece).toContain(piece);
  });

  it("marks links that leave", () => {
    expect(html("[site](https://example.org)")).toContain('rel="noreferrer noopener"');
  });
});

describe("cutting a growing text", () => {
  const whole = "# One\n\nSome *text*.\n\n- a\n- b\n\n```js\nlet x = 1;\n\nlet y;\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\nThe end.";

  it("gives the same blocks piece by piece as at once", () => {
    const grown = new Blocks();
    let last: string[] = [];
    for (let length = 1; length <= whole.length; length += 1) last = raw(grown, whole.slice(0, length));
    expect(last).toEqual(raw(new Blocks(), whole));
    expect(last.join("")).toBe(whole);
  });

  it("loses nothing of any kind of line break, of tabs and of names of links", () => {
    const text = "one\r\ntwo\r\n\r\n\tcode\r\n\r\n[n]: https://example.org\r\n\r\n- a\r\n\r\nlast [n]\n\nand [n]\n\nend";
    const grown = new Blocks();
    let last: string[] = [];
    for (let length = 1; length <= text.length; length += 1) last = raw(grown, text.slice(0, length));
    expect(last.join("")).toBe(text.replace(/\r\n/g, "\n"));
    const links = grown.of(text).flatMap((block) => ("tokens" in block ? (block.tokens ?? []) : [])).filter((token) => token.type === "link");
    expect(links).toHaveLength(2);
  });

  it("begins anew when the text is another one", () => {
    const blocks = new Blocks();
    blocks.of(whole);
    expect(raw(blocks, "other\n\ntext").join("")).toBe("other\n\ntext");
  });
});
