// A log of what was decided, newest first.
import type { Tone } from "@/ui/badge";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Section } from "@/ui/page";
import { Failure, Loading } from "@/ui/states";
import { Ago } from "@/ui/time";
import { useAudit } from "./data";
import { Scope } from "./scope";

const tones: Record<string, Tone> = {
  allowed: "good",
  approved: "good",
  done: "good",
  granted: "accent",
  raised: "accent",
  asked: "warn",
  used_up: "warn",
  denied: "bad",
  refused: "bad",
};

export function Audit({ of, title }: { of: "policy" | "budgets"; title: string }) {
  const log = useAudit(of);
  const entries = log.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Section
      title={title}
      actions={
        <Button small busy={log.isRefetching} onClick={() => void log.refetch()}>
          Look again
        </Button>
      }
    >
      {log.error && <Failure error={log.error} onRetry={() => void log.refetch()} className="m-3" />}
      {log.isPending && !log.error && <Loading />}
      {log.data !== undefined && entries.length === 0 && <p className="p-3 text-sm text-soft">Nothing has happened yet.</p>}
      <ol className="divide-y divide-line">
        {entries.map((entry, n) => (
          <li key={`${entry.at} ${n}`} className="grid grid-cols-[minmax(0,1fr)_auto] items-baseline gap-x-3 gap-y-0.5 px-3 py-1.5 text-sm sm:grid-cols-[5.5rem_minmax(0,1fr)_auto]">
            <span>
              <Badge tone={tones[entry.what] ?? "plain"}>{entry.what.replace("_", " ")}</Badge>
            </span>
            <span className="col-span-2 row-start-2 wrap-anywhere sm:col-span-1 sm:row-start-auto">
              <Words text={entry.words} />
            </span>
            <Ago at={entry.at} className="row-start-1 text-xs text-soft sm:row-start-auto" />
          </li>
        ))}
      </ol>
      {log.hasNextPage && (
        <div className="flex justify-center border-t border-line p-2">
          <Button small busy={log.isFetchingNextPage} onClick={() => void log.fetchNextPage()}>
            Older ones
          </Button>
        </div>
      )}
    </Section>
  );
}

const PLACES = /((?:session|execution|workflow|trigger):[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/;

/** Says places by their names. */
function Words({ text }: { text: string }) {
  return text.split(PLACES).map((piece, n) => (n % 2 === 1 ? <Scope key={n} scope={piece} /> : piece));
}
