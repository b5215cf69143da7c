// Why a run does not get on, in the server's words; asked anew when the stream tells a change.
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Hourglass } from "lucide-react";
import { api, ask } from "@/api/client";
import { Failure } from "@/ui/states";
import { Clock } from "@/ui/time";

export function Why({ run, changes, onLook }: { run: string; changes: number; onLook: (path: string) => void }) {
  const why = useQuery({
    queryKey: ["run", run, "why", changes],
    queryFn: () => ask(api.GET("/api/executions/{id}/why", { params: { path: { id: run } } })),
    placeholderData: keepPreviousData,
    gcTime: 0,
  });
  if (why.isError) return <Failure error={why.error} onRetry={() => void why.refetch()} />;
  if (why.data === undefined) return null;
  const { sentence, waits = [] } = why.data;
  return (
    <section aria-label="Why it is waiting" className="z-10 rounded-lg border border-warn bg-warn-soft px-3 py-2 text-sm min-[900px]:sticky min-[900px]:top-0">
      <div className="flex items-start gap-2">
        <Hourglass size={16} className="mt-0.5 shrink-0 text-warn" aria-hidden />
        <div className="min-w-0 flex-1">
          {/* Said once when it waits for one thing, otherwise thing by thing. */}
          {waits.length <= 1 && <p className="wrap-anywhere">{sentence}</p>}
          {waits.length > 1 && (
            <ul className="flex flex-col gap-1">
              {waits.map((wait, n) => (
                <li key={n} className="wrap-anywhere">
                  {wait.path !== undefined && wait.path !== null && (
                    <button type="button" onClick={() => wait.path && onLook(wait.path)} className="mr-1.5 font-mono text-xs text-accent underline underline-offset-2">
                      {wait.path}
                    </button>
                  )}
                  waits for {wait.what} since <Clock at={wait.since} />
                  {wait.until !== undefined && wait.until !== null && (
                    <>
                      {"; at "}
                      <Clock at={wait.until} /> {wait.then}
                    </>
                  )}
                  {wait.mend !== undefined && wait.mend !== null && `. To mend it, ${wait.mend}.`}
                </li>
              ))}
            </ul>
          )}
          {waits.length === 1 && waits[0]?.path !== undefined && waits[0].path !== null && (
            <button type="button" onClick={() => waits[0]?.path && onLook(waits[0].path)} className="text-xs text-accent underline underline-offset-2">
              Show the step
            </button>
          )}
        </div>
      </div>
    </section>
  );
}
