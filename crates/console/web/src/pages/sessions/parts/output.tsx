// What a command prints: live, at its end; afterwards whole.
import { useEffect, useRef } from "react";

/** More than this is not painted again with every piece that comes. */
const LIVE_CHARS_MAX = 8_000;

export function Output({ text, live }: { text: string; live: boolean }) {
  const box = useRef<HTMLPreElement>(null);
  useEffect(() => {
    if (live && box.current !== null) box.current.scrollTop = box.current.scrollHeight;
  }, [text, live]);
  const shown = live && text.length > LIVE_CHARS_MAX ? text.slice(text.indexOf("\n", text.length - LIVE_CHARS_MAX) + 1) : text;
  return (
    // Scrolled by the keyboard too, so it takes the focus.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <pre ref={box} tabIndex={0} role="region" aria-label="Output" className="max-h-60 overflow-auto bg-sunken px-3 py-2 font-mono text-xs leading-5 wrap-anywhere whitespace-pre-wrap">
      {shown}
    </pre>
  );
}
