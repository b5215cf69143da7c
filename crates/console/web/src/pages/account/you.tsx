// Who is signed in here, how the console looks, what it may tell while nobody looks, and the way out.
import { useState } from "react";
import { Bell, LogOut, Monitor, Moon, Sun } from "lucide-react";
import { useMe } from "@/shell/me";
import { signOut } from "@/shell/sign-out";
import type { Theme } from "@/shell/theme";
import { setTheme, theme } from "@/shell/theme";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { cx } from "@/ui/classes";
import { CopyButton } from "@/ui/copy";
import { Section } from "@/ui/page";
import { Loading } from "@/ui/states";

const rights: Record<string, string> = {
  admin: "Everything on this server, also what belongs to others, as far as operators need it.",
  user: "Your own sessions, runs, workflows and schedules, and what others share with you.",
  runner: "To connect runners, nothing else.",
};

export function You() {
  const me = useMe();
  return (
    <div className="flex flex-col gap-4">
      <Section
        title="Signed in"
        actions={
          <Button small icon={<LogOut size={13} aria-hidden />} onClick={() => void signOut()}>
            Sign out
          </Button>
        }
      >
        {me === undefined ? (
          <Loading what="Who is signed in" rows={1} />
        ) : (
          <div className="flex flex-col gap-1 p-3">
            <p className="flex items-center gap-2">
              <span className="font-medium">{me.name}</span>
              <Badge tone={me.role === "admin" ? "accent" : "plain"}>{me.role}</Badge>
            </p>
            <p className="text-sm text-soft">{rights[me.role]}</p>
            <p className="flex items-center gap-1 text-xs text-soft">
              <span className="font-mono wrap-anywhere">{me.user}</span>
              <CopyButton text={me.user} label="Copy your id" />
            </p>
          </div>
        )}
      </Section>
      <Section title="Appearance">
        <Themes />
      </Section>
      <Section title="Notifications of this browser">
        <Notifications />
      </Section>
    </div>
  );
}

const themes: readonly { key: Theme; name: string; icon: typeof Sun }[] = [
  { key: "system", name: "As the system has it", icon: Monitor },
  { key: "light", name: "Light", icon: Sun },
  { key: "dark", name: "Dark", icon: Moon },
];

function Themes() {
  const [chosen, setChosen] = useState<Theme>(theme);
  return (
    <fieldset className="flex flex-wrap gap-2 p-3">
      <legend className="sr-only">Theme</legend>
      {themes.map(({ key, name, icon: Picture }) => (
        <label
          key={key}
          className={cx(
            "flex cursor-pointer items-center gap-2 rounded-md border px-3 py-2 text-sm has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent",
            key === chosen ? "border-accent bg-accent-soft font-medium text-accent" : "border-line hover:bg-sunken",
          )}
        >
          <input
            type="radio"
            name="theme"
            value={key}
            checked={key === chosen}
            onChange={() => {
              setTheme(key);
              setChosen(key);
            }}
            className="sr-only"
          />
          <Picture size={16} aria-hidden />
          {name}
        </label>
      ))}
    </fieldset>
  );
}

type Permission = NotificationPermission | "missing";

function permission(): Permission {
  return typeof Notification === "undefined" ? "missing" : Notification.permission;
}

const told: Record<Permission, string> = {
  granted: "Allowed: new approvals are told while this tab is in the background. To end it, take the permission back in the browser's settings for this page.",
  denied: "Refused in this browser. To allow them, change the permission in the browser's settings for this page.",
  default: "New approvals can be told while this tab is in the background. The browser asks once.",
  missing: "This browser has none, or not for pages that did not come over TLS.",
};

function Notifications() {
  const [state, setState] = useState(permission);
  return (
    <div className="flex flex-wrap items-center gap-3 p-3 text-sm">
      <Badge tone={state === "granted" ? "good" : "plain"}>{state === "granted" ? "on" : "off"}</Badge>
      <p className="min-w-40 flex-1 text-soft">{told[state]}</p>
      {state === "default" && (
        <Button small icon={<Bell size={13} aria-hidden />} onClick={() => void Notification.requestPermission().then(setState)}>
          Allow
        </Button>
      )}
    </div>
  );
}
