// Making or changing a trigger, and then its address and secret, where it has some that nobody has seen.
import { useState } from "react";
import type { Schemas } from "@/api/types";
import type { Draft } from "./draft";
import { EditTrigger, NewTrigger } from "./editor";
import { SecretDialog } from "./secret";

/** What is under way: a new one, or the change of one. */
export interface Made {
  edit: string | null;
}

type Saved = Schemas["SavedTrigger"];

interface EditorProps {
  making: Made | null;
  /** With what was saved, when something was. */
  onClose: (saved?: Saved) => void;
}

export function EditorAndSecret({ making, onClose }: EditorProps) {
  const [shown, setShown] = useState<{ saved: Saved; draft: Draft } | null>(null);
  if (making === null) return null;
  const onSaved = (saved: Saved, draft: Draft) => (saved.address && (saved.secret || saved.outcome === "created") ? setShown({ saved, draft }) : onClose(saved));
  if (shown?.saved.address) {
    const { saved, draft } = shown;
    return (
      <SecretDialog
        name={saved.name}
        address={saved.address ?? { path: "", generation: 0 }}
        secret={saved.secret ?? null}
        definition={draft}
        onClose={() => {
          setShown(null);
          onClose(saved);
        }}
      />
    );
  }
  return making.edit === null ? <NewTrigger onClose={() => onClose()} onSaved={onSaved} /> : <EditTrigger id={making.edit} onClose={() => onClose()} onSaved={onSaved} />;
}
