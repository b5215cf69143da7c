// Hashes and origins of versions as people read them.
import type { Schemas } from "@/api/types";

/** The first digits of a hash, which name a version well enough. */
export const shortHash = (hash: string): string => hash.replace(/^sha256:/, "").slice(0, 8);

export const sourceWords: Record<Schemas["VersionSource"], string> = {
  sync: "synced",
  update: "edited",
  proposal_apply: "a proposal",
  rollback: "rolled back",
  system: "by the server",
};
