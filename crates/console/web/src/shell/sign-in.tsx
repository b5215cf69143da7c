// The door: a token that is pasted, or a code that the server has printed as part of its address.
import type { FormEvent } from "react";
import { useState } from "react";
import { api, ask } from "@/api/client";
import { Button } from "@/ui/button";
import { Field, Input } from "@/ui/field";
import { useTitle } from "@/ui/page";
import { Failure } from "@/ui/states";
import { Logo } from "./logo";
import { keepCredential } from "./sign-out";

const CODE = /^#sign-in=(.+)$/;

/** Takes the sign-in code out of the address, so that neither history nor screen shows it. */
function takeCode(): string | null {
  const code = CODE.exec(location.hash)?.[1];
  if (code === undefined) return null;
  history.replaceState(history.state, "", location.pathname + location.search);
  return code;
}

/** A code is good once; it is taken when the page is loaded, before anything is shown. */
let code: string | null = typeof location === "undefined" ? null : takeCode();

/** Signs in with the code in the address, when there is one. */
export async function signInByCode(): Promise<void> {
  if (code === null) return;
  const used = code;
  code = null;
  const signedIn = await ask(api.POST("/api/sign-in", { body: { code: used } }));
  keepCredential(signedIn.secret, true);
}

export function SignIn({ failed }: { failed: unknown }) {
  useTitle("Sign in");
  const [token, setToken] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(failed);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await ask(api.GET("/api/me", { headers: { authorization: `Bearer ${token.trim()}` } }));
      keepCredential(token.trim(), false);
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };
  return (
    <main className="flex min-h-full items-center justify-center p-4">
      <form onSubmit={(event) => void submit(event)} className="flex w-full max-w-sm flex-col gap-4 rounded-xl border border-line bg-surface p-6">
        <div className="flex items-center gap-2">
          <Logo />
          <h1 className="text-lg font-semibold">Sign in to Tenure</h1>
        </div>
        <Field
          label="Token"
          hint={
            <>
              The server printed one when it started. <code className="font-mono">tenure console</code> prints an address that signs a browser in without one.
            </>
          }
        >
          {(control) => (
            <Input {...control} type="password" autoComplete="current-password" required value={token} onChange={(event) => setToken(event.target.value)} placeholder="tenure_…" />
          )}
        </Field>
        {error !== null && error !== undefined && <Failure error={error} />}
        <Button type="submit" look="primary" busy={busy}>
          Sign in
        </Button>
      </form>
    </main>
  );
}
