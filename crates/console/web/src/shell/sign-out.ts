// The way out.
import { api } from "@/api/client";
import { credential } from "@/api/credential";

/** Ends the token where it was made for this browser, and forgets it here in any case. */
export async function signOut(): Promise<void> {
  await api.POST("/api/sign-out" as never).catch(() => undefined);
  credential.clear();
}
