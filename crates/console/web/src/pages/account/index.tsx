// Who is signed in here, how the console looks, and the way out.
import { useState } from "react";
import { useMe } from "@/shell/me";
import { signOut } from "@/shell/sign-out";
import type { Theme } from "@/shell/theme";
import { setTheme, theme } from "@/shell/theme";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Field, Select } from "@/ui/field";
import { Page, Section } from "@/ui/page";

export function Account() {
  const me = useMe();
  const [chosen, setChosen] = useState<Theme>(theme);
  const choose = (next: Theme) => {
    setTheme(next);
    setChosen(next);
  };
  return (
    <Page title="Account">
      <div className="flex max-w-xl flex-col gap-4">
        <Section title="Signed in">
          <div className="flex items-center gap-2 p-3">
            <span className="font-medium">{me?.name}</span>
            {me !== undefined && <Badge>{me.role}</Badge>}
            <Button className="ml-auto" onClick={() => void signOut()}>
              Sign out
            </Button>
          </div>
        </Section>
        <Section title="Appearance">
          <div className="p-3">
            <Field label="Theme">
              {(control) => (
                <Select {...control} value={chosen} onChange={(event) => choose(event.target.value as Theme)}>
                  <option value="system">As the system has it</option>
                  <option value="light">Light</option>
                  <option value="dark">Dark</option>
                </Select>
              )}
            </Field>
          </div>
        </Section>
      </div>
    </Page>
  );
}
