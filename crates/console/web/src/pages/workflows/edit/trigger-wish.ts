// What somebody wants to start a new workflow with.
import { api, ask } from "@/api/client";
import type { Schemas } from "@/api/types";
import { asIs } from "./checking";

export interface TriggerWish {
  kind: "none" | "schedule" | "webhook" | "github";
  cron: string;
  /** Empty for the one of this browser. */
  timezone: string;
  verify: "hmac" | "standard_webhooks" | "slack" | "stripe" | "none";
  repos: string;
  events: string;
}

export const noTrigger: TriggerWish = { kind: "none", cron: "0 9 * * mon-fri", timezone: "", verify: "hmac", repos: "", events: "push" };

export const zone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Returns the trigger's definition. */
export function triggerOf(wish: TriggerWish, name: string, slug: string): Record<string, unknown> | null {
  const common = { name, workflow: slug };
  const split = (text: string) => text.split(",").map((one) => one.trim()).filter(Boolean);
  switch (wish.kind) {
    case "none":
      return null;
    case "schedule":
      return { ...common, type: "schedule", cron: wish.cron, timezone: wish.timezone === "" ? zone() : wish.timezone };
    case "webhook":
      return { ...common, type: "webhook", verify: wish.verify === "none" ? "none" : { scheme: wish.verify } };
    case "github":
      return { ...common, type: "github", repos: split(wish.repos), events: split(wish.events) };
  }
}

/** Makes the trigger; none when none is wanted. */
export async function makeTrigger(wish: TriggerWish, name: string, slug: string, header: { "Idempotency-Key": string }): Promise<Schemas["SavedTrigger"] | null> {
  const definition = triggerOf(wish, name, slug);
  if (definition === null) return null;
  return ask(api.POST("/api/triggers", { params: { header }, body: JSON.stringify(definition), bodySerializer: asIs, headers: { "content-type": "application/json" } }));
}
