import { useState } from "react";
import { Check, Copy } from "lucide-react";
import { IconButton } from "./button";
import { tell } from "./toast";

/** Puts a text on the clipboard. */
export function CopyButton({ text, label = "Copy" }: { text: string; label?: string }) {
  const [copied, setCopied] = useState(false);
  const copy = () =>
    // Browsers keep the clipboard from pages that did not come over TLS.
    (navigator.clipboard?.writeText(text) ?? Promise.reject(new Error("the browser lets pages without TLS copy nothing; mark the text and copy it"))).then(
      () => {
        setCopied(true);
        setTimeout(() => setCopied(false), 1_500);
      },
      tell.failed,
    );
  return (
    <IconButton label={copied ? "Copied" : label} small onClick={() => void copy()}>
      {copied ? <Check size={14} aria-hidden /> : <Copy size={14} aria-hidden />}
    </IconButton>
  );
}
