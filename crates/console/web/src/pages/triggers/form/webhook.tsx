// How a webhook is called, and how it knows who calls.
import { Field, Select } from "@/ui/field";
import { withField } from "../draft";
import { LengthField, ListField, TextField } from "../values";
import type { Form } from "./parts";
import { object, text, texts } from "./parts";

export const schemes = [
  { scheme: "standard_webhooks", word: "Standard Webhooks" },
  { scheme: "github", word: "As GitHub signs" },
  { scheme: "slack", word: "As Slack signs" },
  { scheme: "stripe", word: "As Stripe signs" },
  { scheme: "hmac", word: "Plain HMAC-SHA256" },
  { scheme: "none", word: "Not signed: whoever knows the address" },
] as const;

/** Returns how a definition has its senders proved, written long or short. */
export const verifyOf = (draft: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  typeof draft.verify === "string" ? { scheme: draft.verify } : object(draft.verify);

export function WebhookFields({ form }: { form: Form }) {
  const { draft, set, wrong } = form;
  const verify = verifyOf(draft);
  return (
    <Field label="Signature" hint="How the sender proves who it is." error={wrong("verify")}>
      {(control) => (
        <Select {...control} value={text(verify.scheme)} onChange={(event) => set("verify", { ...verify, scheme: event.target.value })}>
          {schemes.map(({ scheme, word }) => (
            <option key={scheme} value={scheme}>
              {word}
            </option>
          ))}
        </Select>
      )}
    </Field>
  );
}

export function WebhookDetails({ form }: { form: Form }) {
  const { draft, set, wrong } = form;
  const verify = verifyOf(draft);
  const put = (field: string, value: unknown) => set("verify", withField(verify, field, value));
  return (
    <>
      {verify.scheme === "hmac" && (
        <div className="grid grid-cols-1 gap-3 sm:grid-cols-2">
          <TextField label="Header of the signature" placeholder="x-webhook-signature" value={text(verify.header)} onChange={(value) => put("header", value)} />
          <TextField label="Header of the time" hint="Seconds since 1970, signed before the body with a dot." placeholder="none" value={text(verify.timestamp_header)} onChange={(value) => put("timestamp_header", value)} />
          <TextField label="What stands before it" placeholder="sha256=" value={text(verify.prefix)} onChange={(value) => put("prefix", value)} />
          <Field label="Written as">
            {(control) => (
              <Select {...control} value={text(verify.encoding) || "hex"} onChange={(event) => put("encoding", event.target.value)}>
                <option value="hex">hexadecimal digits</option>
                <option value="base64">base64</option>
              </Select>
            )}
          </Field>
        </div>
      )}
      <div className="grid grid-cols-1 gap-3 sm:grid-cols-2">
        {verify.scheme !== "none" && (
          <LengthField label="Clocks may differ by" hint="5m unless said." value={verify.tolerance_ms ?? verify.tolerance} onChange={(value) => put("tolerance_ms", value)} />
        )}
        <ListField label="Methods" hint="POST unless said." value={texts(draft.methods)} error={wrong("methods")} onChange={(value) => set("methods", value.length > 0 ? value : null)} />
        <ListField label="Content types" hint="All of them unless said." value={texts(draft.content_types)} error={wrong("content_types")} onChange={(value) => set("content_types", value.length > 0 ? value : null)} />
        <LengthField label="Equal requests are one for" hint="Where neither an id nor a time is signed; 5m unless said." value={draft.dedup_window_ms ?? draft.dedup_window} error={wrong("dedup_window")} onChange={(value) => set("dedup_window_ms", value)} />
        <TextField label="Requests a minute" type="number" hint="600 unless said." value={text(draft.rate_per_minute)} error={wrong("rate_per_minute")} onChange={(value) => set("rate_per_minute", value === "" ? null : Number(value))} />
      </div>
    </>
  );
}
