// What becomes of a call, in a word.
import type { Schemas } from "@/api/types";
import type { Tone } from "@/ui/badge";
import { Badge } from "@/ui/badge";

export type Mode = Schemas["RuleMode"];
const tones: Record<Mode, Tone> = { allow: "good", ask: "warn", deny: "bad" };

export function ModeBadge({ mode }: { mode: Mode }) {
  return <Badge tone={tones[mode]}>{mode}</Badge>;
}
