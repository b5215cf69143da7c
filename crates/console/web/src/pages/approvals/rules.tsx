// The rules that hold for agents: the organization's, this person's, and what holds where nobody has one; and what a call would come to.
import { useState } from "react";
import { Plus } from "lucide-react";
import { api, ask } from "@/api/client";
import type { Schemas } from "@/api/types";
import { Button } from "@/ui/button";
import { Field, Input, Select } from "@/ui/field";
import { Section } from "@/ui/page";
import { Failure, Loading } from "@/ui/states";
import { Ago } from "@/ui/time";
import { tell } from "@/ui/toast";
import { Audit } from "./audit";
import { useAgain, usePolicy } from "./data";
import { Explain } from "./explain";
import { FormDialog } from "./form-dialog";
import type { Mode } from "./mode";
import { ModeBadge } from "./mode";
import { Scope, ScopePicker } from "./scope";

export function Rules() {
  const { data, error, refetch } = usePolicy();
  const again = useAgain();
  const [setting, setSetting] = useState(false);
  const remove = (rule: Schemas["RuleView"]) =>
    ask(api.DELETE("/api/policy/rules", { params: { query: { what: rule.what, within: rule.within } } })).then(() => again.policy(), tell.failed);
  return (
    <div className="grid grid-cols-1 items-start gap-4 lg:grid-cols-2">
      <div className="flex min-w-0 flex-col gap-4">
        <Section
          title="Rules"
          actions={
            <Button small icon={<Plus size={13} aria-hidden />} onClick={() => setSetting(true)}>
              Set a rule
            </Button>
          }
        >
          {error && <Failure error={error} onRetry={() => void refetch()} className="m-3" />}
          {data === undefined && !error && <Loading />}
          {data !== undefined && (
            <div className="divide-y divide-line text-sm">
              <Group title="Of the organization: nobody can be looser">
                {data.organization.map((rule) => (
                  <Rule key={rule.what} mode={rule.mode} what={rule.what} />
                ))}
              </Group>
              <Group title="Yours">
                {data.rules.map((rule) => (
                  <Rule key={`${rule.within} ${rule.what}`} mode={rule.mode} what={rule.what}>
                    <span className="order-last w-full text-xs text-soft">
                      in <Scope scope={rule.within} />, by {rule.by.name} <Ago at={rule.at} />
                    </span>
                    <Button small look="quiet" className="ml-auto" aria-label={`Remove the rule for ${rule.what}`} onClick={() => void remove(rule)}>
                      Remove
                    </Button>
                  </Rule>
                ))}
              </Group>
              <Group title="Where nobody has a rule, by risk">
                {["low", "medium", "high", "critical"].map((risk) => {
                  const mode = data.defaults[risk];
                  return mode === undefined ? null : <Rule key={risk} mode={mode} what={`${risk} risk`} />;
                })}
              </Group>
            </div>
          )}
        </Section>
        <Explain />
      </div>
      <Audit of="policy" title="What became of calls" />
      {setting && <SetRule onClose={() => setSetting(false)} />}
    </div>
  );
}

function Group({ title, children }: { title: string; children: React.ReactNode }) {
  const none = Array.isArray(children) && children.length === 0;
  return (
    <div className="flex flex-col gap-1.5 px-3 py-2.5">
      <h3 className="text-xs font-semibold text-soft">{title}</h3>
      {none ? <p className="text-soft">None.</p> : <ul className="flex flex-col gap-1.5">{children}</ul>}
    </div>
  );
}

function Rule({ mode, what, children }: { mode: Mode; what: string; children?: React.ReactNode }) {
  return (
    <li className="flex flex-wrap items-center gap-x-2 gap-y-1">
      <ModeBadge mode={mode} />
      <code className="font-mono text-xs wrap-anywhere">{what}</code>
      {children}
    </li>
  );
}

function SetRule({ onClose }: { onClose: () => void }) {
  const again = useAgain();
  const [kind, setKind] = useState("tool");
  const [name, setName] = useState("");
  const [within, setWithin] = useState("owner");
  const [mode, setMode] = useState<Mode>("ask");
  const send = async () => {
    await ask(api.PUT("/api/policy/rules", { body: { what: `${kind}:${name}`, within, mode } }));
    tell.done("The rule holds.");
    await again.policy();
  };
  return (
    <FormDialog title="Set a rule" verb="Set" disabled={name === ""} onClose={onClose} onSend={send}>
      {(wrong) => (
        <>
          <div className="grid grid-cols-1 gap-3 sm:grid-cols-2">
            <Field label="Which calls">
              {(control) => (
                <Select
                  {...control}
                  value={kind}
                  onChange={(event) => {
                    setKind(event.target.value);
                    setName(event.target.value === "risk" ? "medium" : "");
                  }}
                >
                  <option value="tool">of one tool</option>
                  <option value="service">of one service</option>
                  <option value="risk">of one risk</option>
                </Select>
              )}
            </Field>
            <Field label="Which one" error={wrong("what")}>
              {(control) =>
                kind === "risk" ? (
                  <Select {...control} value={name} onChange={(event) => setName(event.target.value)}>
                    {["low", "medium", "high", "critical"].map((risk) => (
                      <option key={risk}>{risk}</option>
                    ))}
                  </Select>
                ) : (
                  <Input {...control} className="font-mono text-xs" value={name} onChange={(event) => setName(event.target.value.trim())} />
                )
              }
            </Field>
          </div>
          <ScopePicker kinds={["owner", "workflow", "session"]} value={within} onChange={setWithin} error={wrong("within")} />
          <Field label="What becomes of them" error={wrong("mode")}>
            {(control) => (
              <Select {...control} value={mode} onChange={(event) => setMode(event.target.value as Mode)}>
                <option value="allow">They are allowed</option>
                <option value="ask">A person is asked</option>
                <option value="deny">They are denied</option>
              </Select>
            )}
          </Field>
        </>
      )}
    </FormDialog>
  );
}
