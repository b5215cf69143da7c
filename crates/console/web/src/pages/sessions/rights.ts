// What the person at this browser may do in the session. Whoever may not has no control for it.
import type { Schemas } from "@/api/types";
import type { ChatState } from "@/live/chat/state";
import { useMe } from "@/shell/me";
import { useKnown } from "./context";

type Role = Schemas["Role"];
const ranks: Record<Role, number> = { viewer: 0, collaborator: 1, owner: 2 };

const aboutOf = (state: ChatState) => state.about;

/** Returns the role of the person here; none before it is known. */
export function useRole(): Role | undefined {
  const me = useMe();
  const about = useKnown(aboutOf);
  if (me === undefined || about === null) return undefined;
  return about.owner === me.user ? "owner" : about.participants[me.user];
}

/** Tells whether the person may do what this role may, in a session that is not over. */
export function useMay(role: Role): boolean {
  const own = useRole();
  const over = useKnown((state) => state.about?.status === "terminated");
  return own !== undefined && ranks[own] >= ranks[role] && !over;
}
