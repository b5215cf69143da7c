// What an operator does to an actor: first what would happen, then it.
import { useState } from "react";
import { useQuery } from "@tanstack/react-query";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Failure, Loading } from "@/ui/states";
import { tell } from "@/ui/toast";
import type { Act, Kind } from "../data/admin";
import { admin } from "../data/admin";

interface ActDialogProps {
  kind: Kind;
  id: string;
  act: "passivate" | "wake";
  onDone: (act: Act) => void;
  onClose: () => void;
}

const words = {
  passivate: { title: "Passivate this actor?", does: "Passivate" },
  wake: { title: "Wake this actor?", does: "Wake" },
};

export function ActDialog({ kind, id, act, onDone, onClose }: ActDialogProps) {
  const trial = useQuery({ queryKey: ["admin", "dry", kind, id, act], queryFn: () => admin.act(kind, id, act, true), gcTime: 0, retry: false });
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const go = async () => {
    setBusy(true);
    setError(null);
    try {
      const done = await admin.act(kind, id, act, false);
      tell.done(done.effect.charAt(0).toUpperCase() + done.effect.slice(1) + ".");
      onDone(done);
      onClose();
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  return (
    <Dialog
      title={words[act].title}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" disabled={trial.data === undefined} busy={busy} onClick={() => void go()}>
            {words[act].does}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3 text-sm">
        {trial.isPending && <Loading what="Trying it without doing it" rows={1} />}
        {trial.isError && <Failure error={trial.error} onRetry={() => void trial.refetch()} />}
        {trial.data !== undefined && (
          <div className="rounded-md border border-line bg-sunken px-3 py-2">
            <p className="text-xs text-soft">What would happen, as a dry run says</p>
            <p className="mt-0.5">{trial.data.effect}</p>
          </div>
        )}
        <p className="text-soft">Nothing is lost either way. The server's log names you, and what was asked.</p>
        {error !== null && <Failure error={error} />}
      </div>
    </Dialog>
  );
}
