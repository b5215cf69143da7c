// The frame of every page: where one can go, what waits for one, and how it stands with the server.
import { lazy, Suspense, useEffect, useState } from "react";
import { Outlet } from "@tanstack/react-router";
import { useRows } from "@/live/feed";
import { tabTitle } from "@/ui/title";
import { usePresence } from "./away";
import { AwayBar } from "./connection";
import { Help } from "./help";
import { Keys } from "./keycap";
import { places } from "./keys";
import { useMe } from "./me";
import { Menu } from "./menu";
import { Sidebar } from "./sidebar";
import { useShortcuts } from "./use-shortcuts";

const Palette = lazy(() => import("./palette/palette").then((module) => ({ default: module.Palette })));
const KEY = "tenure.sidebar";

export function Frame() {
  const admin = useMe()?.role === "admin";
  const presence = usePresence();
  const waiting = useRows("approval").length;
  const [open, setOpen] = useState<"palette" | "help" | null>(null);
  const [folded, setFolded] = useState(() => localStorage.getItem(KEY) === "folded");
  const [menu, setMenu] = useState(false);
  const doing = {
    palette: () => setOpen("palette"),
    help: () => setOpen("help"),
    fold: () => {
      localStorage.setItem(KEY, folded ? "open" : "folded");
      setFolded(!folded);
    },
  };
  const chord = useShortcuts(doing);
  useEffect(() => tabTitle.waiting(waiting), [waiting]);
  return (
    <div className="flex h-full flex-col md:flex-row">
      <a href="#content" className="sr-only focus:not-sr-only focus:absolute focus:z-50 focus:bg-surface focus:p-2">
        Skip to the content
      </a>
      <Menu presence={presence} open={menu} onOpen={setMenu} onFind={doing.palette} />
      <Sidebar presence={presence} folded={folded} onFold={doing.fold} onFind={doing.palette} />
      <main id="content" tabIndex={-1} inert={menu} className="flex min-h-0 min-w-0 flex-1 flex-col outline-none">
        <AwayBar presence={presence} />
        <div className="min-h-0 flex-1">
          <Outlet />
        </div>
      </main>
      {chord && <ChordHint admin={admin} />}
      {open === "help" && <Help admin={admin} onClose={() => setOpen(null)} />}
      {open === "palette" && (
        <Suspense fallback={null}>
          <Palette admin={admin} onClose={() => setOpen(null)} help={doing.help} fold={doing.fold} />
        </Suspense>
      )}
    </div>
  );
}

/** What the second key may be, while one is waited for. */
function ChordHint({ admin }: { admin: boolean }) {
  return (
    <div role="status" className="fixed bottom-4 left-1/2 z-40 flex max-w-[calc(100vw-1.5rem)] -translate-x-1/2 flex-wrap items-center gap-x-4 gap-y-1 rounded-lg border border-line bg-raised px-3 py-2 text-sm shadow-lg">
      <span className="text-soft">Go to</span>
      {Object.entries(places)
        .filter(([, place]) => admin || place.admin !== true)
        .map(([key, place]) => (
          <span key={key} className="flex items-center gap-1.5">
            <Keys keys={key} />
            {place.name}
          </span>
        ))}
    </div>
  );
}
