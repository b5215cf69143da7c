// The frame of every page: where one can go, what waits for one, and how it stands with the server.
import { useState } from "react";
import { Link, Outlet, useLocation } from "@tanstack/react-router";
import { CalendarClock, CircleCheck, Gauge, Menu, MessagesSquare, Play, UserRound, Workflow, X } from "lucide-react";
import { useRows } from "@/live/feed";
import { IconButton } from "@/ui/button";
import { cx } from "@/ui/classes";
import { Connection } from "./connection";
import { Logo } from "./logo";
import { useMe } from "./me";

const places = [
  { to: "/sessions", name: "Sessions", icon: MessagesSquare },
  { to: "/runs", name: "Runs", icon: Play },
  { to: "/workflows", name: "Workflows", icon: Workflow },
  { to: "/triggers", name: "Schedules & hooks", icon: CalendarClock },
  { to: "/approvals", name: "Approvals", icon: CircleCheck },
  { to: "/operators", name: "Operators", icon: Gauge, admin: true },
] as const;

export function Frame() {
  const path = useLocation({ select: (location) => location.pathname });
  // The menu is open at one place: going elsewhere closes it.
  const [openAt, setOpenAt] = useState<string | null>(null);
  const open = openAt === path;
  return (
    <div className="flex h-full flex-col md:flex-row">
      <a href="#content" className="sr-only focus:not-sr-only focus:absolute focus:z-50 focus:bg-surface focus:p-2">
        Skip to the content
      </a>
      <header className="flex items-center gap-2 border-b border-line bg-surface px-2 py-1.5 md:hidden">
        <IconButton label={open ? "Close the menu" : "Open the menu"} aria-expanded={open} onClick={() => setOpenAt(open ? null : path)}>
          {open ? <X size={18} aria-hidden /> : <Menu size={18} aria-hidden />}
        </IconButton>
        <Logo size={20} />
        <span className="font-semibold">Tenure</span>
        <span className="ml-auto">
          <Connection />
        </span>
      </header>
      <nav aria-label="Main" className={cx("shrink-0 flex-col gap-0.5 border-line bg-surface p-2 md:flex md:w-52 md:border-r", open ? "flex border-b" : "hidden")}>
        <Link to="/" className="mb-2 hidden items-center gap-2 rounded-md px-2 py-1.5 md:flex">
          <Logo />
          <span className="text-base font-semibold">Tenure</span>
        </Link>
        <Places />
        <div className="mt-auto hidden flex-col gap-1 pt-2 md:flex">
          <Connection />
        </div>
        <Account />
      </nav>
      <main id="content" tabIndex={-1} className="min-h-0 min-w-0 flex-1 outline-none">
        <Outlet />
      </main>
    </div>
  );
}

const look = "flex items-center gap-2.5 rounded-md px-2.5 py-1.5 text-sm font-medium text-soft hover:bg-sunken hover:text-ink aria-[current=page]:bg-accent-soft aria-[current=page]:text-accent";

function Places() {
  const admin = useMe()?.role === "admin";
  const waiting = useRows("approval").length;
  return places.map((place) =>
    "admin" in place && !admin ? null : (
      <Link key={place.to} to={place.to} className={look} activeProps={{ "aria-current": "page" }} activeOptions={{ exact: false, includeSearch: false }}>
        <place.icon size={17} aria-hidden />
        <span className="flex-1">{place.name}</span>
        {place.to === "/approvals" && waiting > 0 && (
          <span className="rounded-full bg-warn-soft px-1.5 text-xs font-semibold text-warn" aria-label={`${waiting} waiting`}>
            {waiting}
          </span>
        )}
      </Link>
    ),
  );
}

function Account() {
  const me = useMe();
  return (
    <Link to="/account" className={look} activeProps={{ "aria-current": "page" }}>
      <UserRound size={17} aria-hidden />
      <span className="min-w-0 flex-1 truncate">{me?.name ?? "Account"}</span>
    </Link>
  );
}
