// Has the server judge what is written, a moment after the typing stops.
import { useEffect, useState } from "react";
import { api, ask } from "@/api/client";
import type { Schemas } from "@/api/types";

const PAUSE_MS = 350;

export type Check = { is: "checking" } | { is: "judged"; validity: Schemas["Validity"] } | { is: "unknown"; error: unknown };

export function validate(text: string, signal?: AbortSignal): Promise<Schemas["Validity"]> {
  return ask(api.POST("/api/workflows/validate", { body: text, bodySerializer: asIs, headers: asYaml, ...(signal === undefined ? {} : { signal }) }));
}

export const asIs = (body: string): string => body;
export const asYaml = { "content-type": "application/yaml" };

/** Returns how it stands with a text, and with which one that was found. */
export function useCheck(text: string): Check {
  const [found, setFound] = useState<{ of: string; check: Check } | null>(null);
  useEffect(() => {
    const stop = new AbortController();
    const timer = setTimeout(() => {
      validate(text, stop.signal).then(
        (validity) => setFound({ of: text, check: { is: "judged", validity } }),
        (error: unknown) => {
          if (!stop.signal.aborted) setFound({ of: text, check: { is: "unknown", error } });
        },
      );
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [text]);
  return found?.of === text ? found.check : { is: "checking" };
}
