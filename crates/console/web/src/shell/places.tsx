// Where one can go, as links: with their names, or as pictures alone.
import { Link } from "@tanstack/react-router";
import { CalendarClock, CircleCheck, Gauge, MessagesSquare, Play, UserRound, Workflow } from "lucide-react";
import { useRows } from "@/live/feed";
import { cx } from "@/ui/classes";
import { useMe } from "./me";

const places = [
  { to: "/sessions", name: "Sessions", icon: MessagesSquare },
  { to: "/runs", name: "Runs", icon: Play },
  { to: "/workflows", name: "Workflows", icon: Workflow },
  { to: "/triggers", name: "Schedules & hooks", icon: CalendarClock },
  { to: "/approvals", name: "Approvals", icon: CircleCheck },
  { to: "/operators", name: "Operators", icon: Gauge, admin: true },
] as const;

export const linkLook =
  "relative flex items-center gap-2.5 rounded-md px-2.5 py-1.5 text-sm font-medium text-soft hover:bg-sunken hover:text-ink aria-[current=page]:bg-accent-soft aria-[current=page]:text-accent";

interface PlacesProps {
  /** Pictures alone. */
  folded?: boolean;
  onGo?: () => void;
}

export function Places({ folded, onGo }: PlacesProps) {
  const admin = useMe()?.role === "admin";
  const waiting = useRows("approval").length;
  return places.map((place) =>
    "admin" in place && !admin ? null : (
      <Link
        key={place.to}
        to={place.to}
        onClick={onGo}
        title={folded ? place.name : undefined}
        className={cx(linkLook, folded && "min-h-8 justify-center")}
        activeProps={{ "aria-current": "page" }}
        activeOptions={{ exact: false, includeSearch: false }}
      >
        <place.icon size={17} aria-hidden className="shrink-0" />
        <span className={folded ? "sr-only" : "flex-1"}>{place.name}</span>
        {place.to === "/approvals" && waiting > 0 && (
          <span
            className={cx("rounded-full bg-warn-soft px-1.5 text-xs font-semibold text-warn", folded && "absolute top-0 right-0 px-1 leading-4")}
            aria-label={`${waiting} waiting`}
            role="img"
          >
            {waiting}
          </span>
        )}
      </Link>
    ),
  );
}

export function AccountLink({ folded, onGo }: PlacesProps) {
  const me = useMe();
  return (
    <Link
      to="/account"
      onClick={onGo}
      title={folded ? (me?.name ?? "Account") : undefined}
      className={cx(linkLook, folded && "min-h-8 justify-center")}
      activeProps={{ "aria-current": "page" }}
      activeOptions={{ includeSearch: false }}
    >
      <UserRound size={17} aria-hidden className="shrink-0" />
      <span className={folded ? "sr-only" : "min-w-0 flex-1 truncate"}>{me?.name ?? "Account"}</span>
    </Link>
  );
}
