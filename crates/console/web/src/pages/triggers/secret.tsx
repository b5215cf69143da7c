// An address and its secret, shown once, with what a sender has to do.
import { Button } from "@/ui/button";
import { CopyButton } from "@/ui/copy";
import { Dialog } from "@/ui/dialog";
import type { Schemas } from "@/api/types";
import { text } from "./form/parts";
import { verifyOf } from "./form/webhook";

export type Definition = Readonly<Record<string, unknown>>;

interface Shown {
  address: Schemas["InletAddress"];
  secret: string | null;
}

interface SecretProps extends Shown {
  name: string;
  definition: Definition;
  onClose: () => void;
}

export function SecretDialog({ name, address, secret, definition, onClose }: SecretProps) {
  return (
    <Dialog
      title={`Where ${name} is called`}
      onClose={onClose}
      actions={
        <Button look="primary" onClick={onClose}>
          {secret === null ? "Done" : "I have the secret"}
        </Button>
      }
    >
      <div className="flex flex-col gap-4 text-sm">
        <Copied label="Address" value={whole(address)} />
        {address.url ? null : <Reached />}
        {secret !== null && (
          <div className="flex flex-col gap-1.5 rounded-md bg-warn-soft p-3">
            <Copied label="Secret" value={secret} />
            <p className="text-warn">This is shown now and nowhere again. Whoever has it can make this fire.</p>
          </div>
        )}
        {secret === null && definition.type === "github" && <p className="text-soft">Where GitHub has no secret of yours yet, “New secret” on the next page makes one and shows it once.</p>}
        <Todo definition={definition} />
      </div>
    </Dialog>
  );
}

/** The address as it can be given to a sender. */
export const whole = (address: Schemas["InletAddress"]): string => address.url ?? new URL(address.path, location.origin).href;

/** Told where the server does not know how it is reached from outside. */
export function Reached() {
  return <p className="text-xs text-soft">This is how your browser reaches the server; a sender elsewhere may need another host. The setting server.public_address says which.</p>;
}

export function Copied({ label, value }: { label: string; value: string }) {
  return (
    <div className="flex flex-col gap-1">
      <span className="text-xs font-medium text-soft">{label}</span>
      <div className="flex items-start gap-1 rounded-md border border-line bg-sunken py-1 pr-1 pl-2">
        <code aria-label={label} className="min-w-0 flex-1 py-0.5 font-mono text-xs wrap-anywhere">
          {value}
        </code>
        <CopyButton text={value} label={`Copy the ${label.toLowerCase()}`} />
      </div>
    </div>
  );
}

/** Says what a sender has to do, by the scheme. */
export function Todo({ definition }: { definition: Definition }) {
  if (definition.type === "github") {
    return (
      <Steps
        steps={[
          "In the repository’s settings on GitHub, add a webhook with this address and the secret.",
          "Choose the content type application/json, and the events that your triggers listen to.",
          "One address serves all of your GitHub triggers.",
        ]}
      />
    );
  }
  return <Steps steps={stepsOf(verifyOf(definition))} />;
}

function stepsOf(verify: Record<string, unknown>): string[] {
  const header = text(verify.header) || "x-webhook-signature";
  const time = text(verify.timestamp_header);
  const written = verify.encoding === "base64" ? "in base64" : "in hexadecimal digits";
  switch (text(verify.scheme)) {
    case "standard_webhooks":
      return [
        "Send webhook-id, webhook-timestamp (seconds since 1970) and webhook-signature with each request.",
        "The signature is v1, and the base64 of the HMAC-SHA256 of id.timestamp.body; its key is what follows whsec_, read as base64.",
        "Repeats with the same id count once.",
      ];
    case "github":
      return ["Give the address and the secret to the webhook in the sender’s settings.", "It signs the body as x-hub-signature-256: sha256=…"];
    case "slack":
      return ["Give the address to Slack as the request URL; Slack makes the signing secret.", "Give that secret here: “New secret”, “the sender’s own”."];
    case "stripe":
      return ["Add the address as an endpoint at Stripe; Stripe makes the signing secret.", "Give that secret here: “New secret”, “the sender’s own”."];
    case "hmac":
      return [
        time === "" ? `Sign the body with HMAC-SHA256 and the secret, and send it ${written} as ${header}.` : `Send the seconds since 1970 as ${time}; sign time.body with HMAC-SHA256 and the secret, and send it ${written} as ${header}.`,
        ...(time === "" ? ["Equal requests within a short time count once."] : ["Requests whose time is off are refused."]),
      ];
    default:
      return ["Call the address. It is not signed: keep it as you would keep a password."];
  }
}

function Steps({ steps }: { steps: string[] }) {
  return (
    <div>
      <h3 className="mb-1 text-xs font-medium text-soft">What the sender does</h3>
      <ul className="flex list-disc flex-col gap-1 pl-5 text-sm">
        {steps.map((step) => (
          <li key={step}>{step}</li>
        ))}
      </ul>
    </div>
  );
}
