// The sidebar of wide screens; it folds to pictures.
import { Link } from "@tanstack/react-router";
import { PanelLeftClose, PanelLeftOpen, Search } from "lucide-react";
import { IconButton } from "@/ui/button";
import { cx } from "@/ui/classes";
import type { Presence } from "./away";
import { Connection } from "./connection";
import { Keys } from "./keycap";
import { Logo } from "./logo";
import { AccountLink, linkLook, Places } from "./places";

interface SidebarProps {
  presence: Presence;
  folded: boolean;
  onFold: () => void;
  onFind: () => void;
}

export function Sidebar({ presence, folded, onFold, onFind }: SidebarProps) {
  const fold = folded ? "Unfold the sidebar" : "Fold the sidebar";
  return (
    <nav aria-label="Main" className={cx("hidden shrink-0 flex-col gap-0.5 border-r border-line bg-surface p-2 md:flex", folded ? "w-14" : "w-52")}>
      <Link to="/" aria-label="Tenure" className={cx("mb-1 flex items-center gap-2 rounded-md py-1.5", folded ? "justify-center" : "px-2")}>
        <Logo />
        {!folded && <span className="text-base font-semibold">Tenure</span>}
      </Link>
      <button type="button" onClick={onFind} title="Find anything (Ctrl+K)" className={cx(linkLook, "mb-1 border border-line", folded && "min-h-8 justify-center")}>
        <Search size={16} aria-hidden className="shrink-0" />
        <span className={folded ? "sr-only" : "flex-1 text-left font-normal"}>Find</span>
        {!folded && <Keys keys="Ctrl+K" />}
      </button>
      <Places folded={folded} />
      <div className="mt-auto flex flex-col gap-0.5 pt-2">
        <Connection presence={presence} folded={folded} />
        <div className={cx("flex items-center", folded && "flex-col-reverse gap-1")}>
          <div className={cx("min-w-0", !folded && "flex-1")}>
            <AccountLink folded={folded} />
          </div>
          <IconButton label={fold} small onClick={onFold} title={`${fold} ([)`}>
            {folded ? <PanelLeftOpen size={15} aria-hidden /> : <PanelLeftClose size={15} aria-hidden />}
          </IconButton>
        </div>
      </div>
    </nav>
  );
}
