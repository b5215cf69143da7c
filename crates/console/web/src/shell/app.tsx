// Who may come in, and what everybody inside has: the feed, the cache of answers, the pages.
import { useEffect, useState, useSyncExternalStore } from "react";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { ProblemError } from "@/api/problem";
import { credential } from "@/api/credential";
import { feed } from "@/live/feed";
import { router } from "@/router";
import { Loading } from "@/ui/states";
import { Toasts, tell } from "@/ui/toast";
import { watchApprovals } from "./notices";
import { SignIn, signInByCode } from "./sign-in";

function freshCache(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        // Nothing polls: what is read is good until the feed, or who changed it, says otherwise.
        staleTime: Infinity,
        refetchOnWindowFocus: false,
        refetchOnReconnect: true,
        retry: (failures, error) => failures < 3 && error instanceof ProblemError && (error.problem.retry === true || error.problem.status === 0),
      },
    },
  });
}

export function App() {
  const token = useSyncExternalStore(credential.subscribe, credential.get);
  const [door, setDoor] = useState<{ opening: boolean; failed: unknown }>({ opening: true, failed: null });
  useEffect(() => {
    signInByCode().then(
      () => setDoor({ opening: false, failed: null }),
      (failed: unknown) => {
        // Who is inside already stays there, and hears that the address was good for nothing.
        if (credential.get() !== null) tell.failed(failed);
        setDoor({ opening: false, failed });
      },
    );
  }, []);
  if (door.opening) return <Loading what="Signing in" />;
  return (
    <>
      {token === null ? <SignIn failed={door.failed} /> : <Inside key={token} />}
      <Toasts />
    </>
  );
}

function Inside() {
  const [cache] = useState(freshCache);
  useEffect(() => feed.start(), []);
  useEffect(() => watchApprovals(() => void router.navigate({ to: "/approvals", search: {} })), []);
  return (
    <QueryClientProvider client={cache}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  );
}
