// The way out.
import { api } from "@/api/client";
import { credential } from "@/api/credential";

const KEY = "tenure.token.own";

/** Remembers whether the token was made for this browser alone: one that was pasted may be in use elsewhere. */
export function keepCredential(token: string, own: boolean): void {
  if (own) localStorage.setItem(KEY, "yes");
  else localStorage.removeItem(KEY);
  credential.set(token);
}

/** Tells whether the token ends when one signs out. */
export const isOwnToken = (): boolean => localStorage.getItem(KEY) === "yes";

/** Ends the token where it was made for this browser, and forgets it here in any case. */
export async function signOut(): Promise<void> {
  if (isOwnToken()) await api.POST("/api/sign-out").catch(() => undefined);
  localStorage.removeItem(KEY);
  credential.clear();
}
