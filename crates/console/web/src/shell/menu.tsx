// The head and the menu of narrow screens. The menu has the keys while it is open, and gives them back.
import { useEffect, useRef } from "react";
import { Menu as MenuPicture, Search, X } from "lucide-react";
import { IconButton } from "@/ui/button";
import type { Presence } from "./away";
import { Connection } from "./connection";
import { Logo } from "./logo";
import { AccountLink, Places } from "./places";

interface MenuProps {
  presence: Presence;
  open: boolean;
  onOpen: (open: boolean) => void;
  onFind: () => void;
}

export function Menu({ presence, open, onOpen, onFind }: MenuProps) {
  const head = useRef<HTMLElement>(null);
  const button = () => head.current?.querySelector<HTMLElement>("button[aria-controls=menu]");
  const close = () => {
    onOpen(false);
    button()?.focus();
  };
  useEffect(() => {
    if (!open) return;
    // The place where one is comes first, as it would in a list of choices.
    const menu = document.getElementById("menu");
    (menu?.querySelector<HTMLElement>("[aria-current=page]") ?? menu?.querySelector<HTMLElement>("a"))?.focus();
    // On a screen that has become wide the sidebar is there, and the page must not stay out of reach.
    const wide = matchMedia("(min-width: 48rem)");
    const grown = () => {
      if (wide.matches) onOpen(false);
    };
    const escape = (event: KeyboardEvent) => {
      if (event.key !== "Escape") return;
      onOpen(false);
      document.querySelector<HTMLElement>("button[aria-controls=menu]")?.focus();
    };
    wide.addEventListener("change", grown);
    document.addEventListener("keydown", escape);
    return () => {
      wide.removeEventListener("change", grown);
      document.removeEventListener("keydown", escape);
    };
  }, [open, onOpen]);
  return (
    <header ref={head} className="relative z-30 md:hidden">
      <div className="flex items-center gap-2 border-b border-line bg-surface px-2 py-1.5">
        <IconButton label={open ? "Close the menu" : "Open the menu"} aria-expanded={open} aria-controls="menu" onClick={() => (open ? close() : onOpen(true))}>
          {open ? <X size={18} aria-hidden /> : <MenuPicture size={18} aria-hidden />}
        </IconButton>
        <Logo size={20} />
        <span className="font-semibold">Tenure</span>
        <span className="ml-auto">
          <Connection presence={presence} />
        </span>
        <IconButton label="Find anything" onClick={onFind}>
          <Search size={17} aria-hidden />
        </IconButton>
      </div>
      <nav id="menu" aria-label="Main" hidden={!open} className="absolute inset-x-0 top-full border-b border-line bg-surface shadow-lg">
        <div className="flex flex-col gap-0.5 p-2">
          <Places onGo={close} />
          <AccountLink onGo={close} />
        </div>
      </nav>
      {open && <div aria-hidden onPointerDown={close} className="fixed inset-0 top-auto -z-10 h-dvh bg-black/30" />}
    </header>
  );
}
