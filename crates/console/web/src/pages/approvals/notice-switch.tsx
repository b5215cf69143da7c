// Notices of the browser, asked for by a button and never by themselves.
import { Bell, BellOff } from "lucide-react";
import { switchNotices, useNotices } from "@/shell/notices";
import { Button } from "@/ui/button";
import { tell } from "@/ui/toast";

export function NoticeSwitch() {
  const notices = useNotices();
  if (notices === "missing") return null;
  if (notices === "refused") return <span className="text-xs text-soft">Notices are blocked in this browser’s settings.</span>;
  const on = notices === "on";
  return (
    <Button
      small
      look="quiet"
      aria-pressed={on}
      title="Tells of what begins to wait while you do not look at this page"
      icon={on ? <Bell size={14} aria-hidden /> : <BellOff size={14} aria-hidden />}
      onClick={() => void switchNotices(!on).catch(tell.failed)}
    >
      {on ? "Notices are on" : "Notify me"}
    </Button>
  );
}
