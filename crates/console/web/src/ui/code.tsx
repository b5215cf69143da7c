// Code with colours, once the colouring has been loaded; plain before, and where it is too long to be coloured at once.
import { memo, useEffect, useState } from "react";
import { CopyButton } from "./copy";
import type { Coloured } from "./highlight";

const COLOURED_MAX = 30_000;

type Highlight = (text: string, language: string | undefined) => Coloured[];
let loaded: Highlight | undefined;

function useHighlight(wanted: boolean): Highlight | undefined {
  const [highlight, setHighlight] = useState<Highlight | undefined>(() => loaded);
  useEffect(() => {
    if (!wanted || highlight !== undefined) return;
    let here = true;
    void import("./highlight").then((module) => {
      loaded = module.highlight;
      if (here) setHighlight(() => module.highlight);
    });
    return () => {
      here = false;
    };
  }, [wanted, highlight]);
  return highlight;
}

interface CodeProps {
  text: string;
  language?: string | undefined;
  /** Whether more of it is coming: then it is not coloured yet. */
  growing?: boolean;
  className?: string;
}

export const Code = memo(function Code({ text, language, growing, className = "max-h-96" }: CodeProps) {
  const wanted = language !== undefined && !growing && text.length <= COLOURED_MAX;
  const highlight = useHighlight(wanted);
  return (
    <div className="group relative my-2 overflow-hidden rounded-md border border-line bg-sunken">
      {/* Scrolled by the keyboard too, so it takes the focus. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <pre tabIndex={0} role="region" aria-label={language ? `Code, ${language}` : "Code"} className={`overflow-auto p-3 font-mono text-xs leading-5 ${className}`}>
        <code>
          {wanted && highlight !== undefined
            ? highlight(text, language).map((piece, n) => (
                <span key={n} className={piece.look}>
                  {piece.text}
                </span>
              ))
            : text}
        </code>
      </pre>
      <div className="absolute top-1 right-1 flex items-center gap-1 rounded bg-sunken opacity-0 group-focus-within:opacity-100 group-hover:opacity-100">
        {language !== undefined && <span className="px-1 text-xs text-soft">{language}</span>}
        <CopyButton text={text} label="Copy code" />
      </div>
    </div>
  );
});
