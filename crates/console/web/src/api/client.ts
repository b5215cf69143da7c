// The HTTP API, typed by its own description.
import createClient from "openapi-fetch";
import type { paths } from "./schema.gen";
import { credential } from "./credential";
import { ProblemError, problemOf, unreachable } from "./problem";

export const api = createClient<paths>({ baseUrl: "" });

api.use({
  onRequest({ request }) {
    const token = credential.get();
    if (token !== null) request.headers.set("authorization", `Bearer ${token}`);
    return request;
  },
  onResponse({ response, schemaPath }) {
    // A code that is refused says nothing of the token that is kept here.
    if (response.status === 401 && schemaPath !== "/api/sign-in") credential.refused();
    return undefined;
  },
});

/** What `api` answers with. */
interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** Returns what was asked for, or throws the problem that stands in the way. */
export async function ask<T>(answer: Promise<Answer<T>>): Promise<T> {
  let given: Answer<T>;
  try {
    given = await answer;
  } catch (cause) {
    throw new ProblemError(unreachable, { cause });
  }
  if (!given.response.ok) throw new ProblemError(problemOf(given.error, given.response));
  return given.data as T;
}

/** A key that makes a command safe to send again. */
export function freshKey(): string {
  // `randomUUID` is missing where the page did not come over TLS.
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The header that carries such a key. */
export const keyed = (key: string = freshKey()) => ({ "Idempotency-Key": key });
