// A definition as YAML. What reads and writes it is loaded when somebody wants it.
import { useEffect, useState } from "react";
import { Field, Textarea } from "@/ui/field";
import { Loading } from "@/ui/states";
import type { Draft } from "./draft";
import { object } from "./form/parts";

type Yaml = typeof import("yaml");

interface YamlProps {
  value: Record<string, unknown>;
  error: string | null;
  onRead: (draft: Draft) => void;
  /** Tells why the text cannot be read; null when it can again. */
  onUnread: (why: string | null) => void;
}

export function YamlField(props: YamlProps) {
  const [yaml, setYaml] = useState<Yaml | null>(null);
  useEffect(() => {
    let here = true;
    void import("yaml").then((module) => {
      if (here) setYaml(module);
    });
    return () => {
      here = false;
    };
  }, []);
  return yaml === null ? <Loading /> : <Loaded {...props} yaml={yaml} />;
}

function Loaded({ yaml, value, error, onRead, onUnread }: YamlProps & { yaml: Yaml }) {
  const [text, setText] = useState(() => yaml.stringify(value));
  const change = (next: string) => {
    setText(next);
    try {
      onRead(object(yaml.parse(next)));
      onUnread(null);
    } catch (cause) {
      onUnread(cause instanceof Error ? (cause.message.split("\n")[0] ?? null) : String(cause));
    }
  };
  return (
    <Field label="Definition" hint={
        <>
          The same as in a file for <code className="font-mono">tenure trigger sync</code>. A line that is taken out clears what it said.
        </>
      } error={error}>
      {(control) => <Textarea {...control} rows={18} spellCheck={false} className="font-mono text-xs" value={text} onChange={(event) => change(event.target.value)} />}
    </Field>
  );
}
