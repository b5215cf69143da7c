import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it } from "vitest";
import { Blocks, Markdown } from "./markdown";

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

  it("marks links that leave", () => {
    expect(html("[site](https://example.org)")).toContain('rel="noreferrer noopener"');
  });
});

describe("cutting a growing text", () => {
  const whole = "# One\n\nSome *text*.\n\n- a\n- b\n\n```js\nlet x = 1;\n\nlet y;\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\nThe end.";

  it("gives the same blocks piece by piece as at once", () => {
    const grown = new Blocks();
    let last: string[] = [];
    for (let length = 1; length <= whole.length; length += 1) last = grown.of(whole.slice(0, length));
    expect(last).toEqual(new Blocks().of(whole));
    expect(last.join("")).toBe(whole);
  });

  it("begins anew when the text is another one", () => {
    const blocks = new Blocks();
    blocks.of(whole);
    expect(blocks.of("other\n\ntext").join("")).toBe("other\n\ntext");
  });
});
