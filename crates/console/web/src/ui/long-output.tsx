// The whole of an output that was too long to be told: the runner keeps it, and is asked for it piece by piece.
import { createContext, useContext, useState } from "react";
import { api, ask } from "@/api/client";
import { Button } from "./button";
import { Failure } from "./states";

/** The session whose runner has it; where none is known, long outputs are not offered. */
export const OutputsOf = createContext<string | null>(null);

interface LongOutputProps {
  name: string;
  id: string;
}

export function LongOutput({ name, id }: LongOutputProps) {
  const session = useContext(OutputsOf);
  const [text, setText] = useState("");
  const [next, setNext] = useState<number | null>(0);
  const [state, setState] = useState<{ busy: boolean; error: unknown }>({ busy: false, error: null });
  if (session === null) return null;
  const more = () => {
    setState({ busy: true, error: null });
    const path = { id: session, attachment: id };
    ask(api.GET("/api/sessions/{id}/attachments/{attachment}", { params: { path, query: { offset: String(next ?? 0) } } })).then(
      (piece) => {
        setText((held) => held + piece.text);
        setNext(piece.next ?? null);
        setState({ busy: false, error: null });
      },
      (error: unknown) => setState({ busy: false, error }),
    );
  };
  return (
    <div className="flex min-w-0 flex-col items-start gap-1">
      {text !== "" && (
        // Scrolled by the keyboard too, so it takes the focus.
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        <pre tabIndex={0} role="region" aria-label={`All of the ${name}`} className="max-h-96 w-full overflow-auto rounded-md bg-sunken p-3 font-mono text-xs leading-5 wrap-anywhere whitespace-pre-wrap">
          {text}
        </pre>
      )}
      {state.error !== null && <Failure error={state.error} onRetry={more} />}
      {next !== null && (
        <Button small busy={state.busy} onClick={more}>
          {text === "" ? `Read all of the ${name}` : "Read on"}
        </Button>
      )}
    </div>
  );
}
