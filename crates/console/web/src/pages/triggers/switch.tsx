// On or off, in place: it shows what the server has, and asks for the other.
import { useState } from "react";
import { cx } from "@/ui/classes";
import { tell } from "@/ui/toast";
import type { TriggerRow } from "./data";
import { act } from "./data";

export function OnSwitch({ row }: { row: TriggerRow }) {
  const [busy, setBusy] = useState(false);
  const flip = () => {
    setBusy(true);
    (row.enabled ? act.disable : act.enable)(row.id)
      .catch(tell.failed)
      .finally(() => setBusy(false));
  };
  return (
    <button
      type="button"
      role="switch"
      aria-checked={row.enabled}
      aria-label={`${row.name} fires`}
      title={row.enabled ? "Switch off" : "Switch on"}
      disabled={busy}
      onClick={flip}
      className={cx("flex h-5 w-9 shrink-0 items-center rounded-full border px-0.5 transition-colors", row.enabled ? "border-accent bg-accent" : "border-line-strong bg-sunken")}
    >
      <span className={cx("size-3.5 rounded-full transition-transform", row.enabled ? "translate-x-4 bg-on-accent" : "bg-line-strong")} />
    </button>
  );
}
