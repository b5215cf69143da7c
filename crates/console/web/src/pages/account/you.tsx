// Who is signed in here, how the console looks, what it may tell while nobody looks, and the way out.
import { useState } from "react";
import { useQuery } from "@tanstack/react-query";
import { Bell, LogOut, Monitor, Moon, MonitorSmartphone, Sun } from "lucide-react";
import { api, ask } from "@/api/client";
import { useMe } from "@/shell/me";
import type { Notices } from "@/shell/notices";
import { switchNotices, useNotices } from "@/shell/notices";
import { isOwnToken, signOut } from "@/shell/sign-out";
import type { Theme } from "@/shell/theme";
import { setTheme, useTheme } from "@/shell/theme";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { cx } from "@/ui/classes";
import { CopyButton } from "@/ui/copy";
import { Dialog } from "@/ui/dialog";
import { Section } from "@/ui/page";
import { Failure, Loading } from "@/ui/states";
import { Ago } from "@/ui/time";
import { tell } from "@/ui/toast";

const rights: Record<string, string> = {
  admin: "Everything on this server, also what belongs to others, as far as operators need it.",
  user: "Your own sessions, runs, workflows and schedules, and what others share with you.",
  runner: "To connect runners, nothing else.",
};

export function You() {
  const me = useMe();
  const [inviting, setInviting] = useState(false);
  return (
    <div className="flex flex-col gap-4">
      <Section
        title="Signed in"
        actions={
          <>
            <Button small icon={<MonitorSmartphone size={13} aria-hidden />} onClick={() => setInviting(true)}>
              Sign in another browser
            </Button>
            <Button small icon={<LogOut size={13} aria-hidden />} onClick={() => void signOut()}>
              Sign out
            </Button>
          </>
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
            <p className="text-sm text-soft">
              {isOwnToken() ? "This browser has a token of its own, which ends when you sign out." : "The token was pasted here: signing out forgets it in this browser, and it stays good elsewhere."}
            </p>
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
        <NoticesHere />
      </Section>
      {inviting && <Invite onClose={() => setInviting(false)} />}
    </div>
  );
}

const themes: readonly { key: Theme; name: string; icon: typeof Sun }[] = [
  { key: "system", name: "As the system has it", icon: Monitor },
  { key: "light", name: "Light", icon: Sun },
  { key: "dark", name: "Dark", icon: Moon },
];

function Themes() {
  const chosen = useTheme();
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
            onChange={() => setTheme(key)}
            className="sr-only"
          />
          <Picture size={16} aria-hidden />
          {name}
        </label>
      ))}
    </fieldset>
  );
}

const told: Record<Notices, string> = {
  on: "What begins to wait for your decision is told while this tab is in the background.",
  off: "What begins to wait for your decision can be told while this tab is in the background. The browser asks once.",
  refused: "Refused in this browser. To allow them, change the permission in the browser's settings for this page.",
  missing: "This browser has none, or not for pages that did not come over TLS.",
};

function NoticesHere() {
  const notices = useNotices();
  return (
    <div className="flex flex-wrap items-center gap-3 p-3 text-sm">
      <Badge tone={notices === "on" ? "good" : "plain"}>{notices === "on" ? "on" : "off"}</Badge>
      <p className="min-w-40 flex-1 text-soft">{told[notices]}</p>
      {(notices === "on" || notices === "off") && (
        <Button small icon={<Bell size={13} aria-hidden />} onClick={() => void switchNotices(notices === "off").catch(tell.failed)}>
          Switch {notices === "on" ? "off" : "on"}
        </Button>
      )}
    </div>
  );
}

/** An address with a code, for another browser of the same person. */
function Invite({ onClose }: { onClose: () => void }) {
  const code = useQuery({ queryKey: ["sign-in code"], queryFn: () => ask(api.POST("/api/sign-in/codes")), gcTime: 0, staleTime: 0, retry: false });
  const address = code.data === undefined ? "" : `${location.origin}/#sign-in=${code.data.code}`;
  return (
    <Dialog title="Sign in another browser" onClose={onClose} actions={<Button onClick={onClose}>Close</Button>}>
      <div className="flex flex-col gap-3 text-sm">
        <p>Open this address there. It signs in as you, with the rights that you have here, once.</p>
        {code.isPending && <Loading what="Making a code" rows={1} />}
        {code.isError && <Failure error={code.error} onRetry={() => void code.refetch()} />}
        {code.data !== undefined && (
          <>
            <div className="flex items-center gap-2 rounded-md border border-line bg-sunken p-2">
              <code aria-label="Address" className="min-w-0 flex-1 font-mono text-xs break-all select-all">
                {address}
              </code>
              <CopyButton text={address} label="Copy the address" />
            </div>
            <p className="text-soft">
              It is good until it is used, or <Ago at={code.data.expires_at} />. Send it to nobody.
            </p>
          </>
        )}
      </div>
    </Dialog>
  );
}
