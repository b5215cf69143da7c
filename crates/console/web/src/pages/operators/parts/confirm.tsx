// A question before something is done that cannot be undone, with what goes wrong told in place.
import type { ReactNode } from "react";
import { useState } from "react";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Failure } from "@/ui/states";

interface ConfirmProps {
  title: string;
  children: ReactNode;
  /** What the button says. */
  does: string;
  harmless?: boolean;
  act: () => Promise<unknown>;
  onClose: () => void;
}

export function Confirm({ title, children, does, harmless, act, onClose }: ConfirmProps) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const go = async () => {
    setBusy(true);
    setError(null);
    try {
      await act();
      onClose();
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  return (
    <Dialog
      title={title}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look={harmless ? "primary" : "danger"} busy={busy} onClick={() => void go()}>
            {does}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3 text-sm">
        {children}
        {error !== null && <Failure error={error} />}
      </div>
    </Dialog>
  );
}
