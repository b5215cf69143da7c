// Who this browser is signed in as. The token stays in this browser's storage and goes out in headers only.
const KEY = "tenure.token";

type Listener = () => void;
const listeners = new Set<Listener>();

function told(): void {
  for (const listener of listeners) listener();
}

// Signing in or out in one tab is seen by the others.
if (typeof window !== "undefined") {
  window.addEventListener("storage", (event) => {
    if (event.key === KEY) told();
  });
}

export const credential = {
  get(): string | null {
    return localStorage.getItem(KEY);
  },
  set(token: string): void {
    localStorage.setItem(KEY, token);
    told();
  },
  clear(): void {
    localStorage.removeItem(KEY);
    told();
  },
  /** The server knows the token no more. */
  refused(): void {
    if (localStorage.getItem(KEY) !== null) credential.clear();
  },
  subscribe(listener: Listener): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};
