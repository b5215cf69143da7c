// One actor, inside out. Everything here is a picture of a moment; the feed says when it is out of date.
import { useEffect, useState } from "react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { ChevronLeft } from "lucide-react";
import { feed } from "@/live/feed";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Page } from "@/ui/page";
import { Empty, Failure, Loading } from "@/ui/states";
import { Tabs } from "@/ui/tabs";
import { Clock } from "@/ui/time";
import type { Act, Detail, Kind } from "../data/admin";
import { admin } from "../data/admin";
import type { Named } from "../data/names";
import { isKind, kinds, useNames } from "../data/names";
import { Looked } from "../parts/look";
import { ActDialog } from "./act";
import { Journal } from "./journal";
import { Overview } from "./overview";
import { StateView } from "./state";

const tabs = [
  { key: "overview", label: "Overview" },
  { key: "state", label: "State" },
  { key: "journal", label: "Journal" },
] as const;

export function ActorView() {
  const { kind, id } = useParams({ from: "/operators/$kind/$id" });
  if (!isKind(kind)) {
    return (
      <Page title="Actor">
        <Empty title={`There is no kind of actors called “${kind}”`}>The kinds are {Object.keys(kinds).join(", ")}.</Empty>
      </Page>
    );
  }
  return <Known key={`${kind}/${id}`} kind={kind} id={id} />;
}

function Known({ kind, id }: { kind: Kind; id: string }) {
  const cache = useQueryClient();
  const named = useNames()(kind, id);
  const detail = useQuery({ queryKey: ["admin", "actor", kind, id], queryFn: () => admin.show(kind, id), gcTime: 0 });
  const [acting, setActing] = useState<"passivate" | "wake" | null>(null);
  const [asleepSince, setAsleepSince] = useState<number | null>(null);
  const newsAt = useNewsAt(id);
  const look = () => {
    setAsleepSince(null);
    void detail.refetch();
  };
  const acted = (act: Act) => {
    void cache.invalidateQueries({ queryKey: ["admin", "entities"] });
    // To look at it would wake it again.
    if (act.act === "passivate") setAsleepSince(Date.now());
    else look();
  };
  return (
    <Page
      title={named?.name ?? <span className="font-mono text-base">{id}</span>}
      named={named?.name ?? `${kind} ${id.slice(0, 8)}`}
      beside={<Beside kind={kind} id={id} named={named} />}
      actions={
        <>
          <Looked at={detail.dataUpdatedAt} busy={detail.isFetching} onLook={look} />
          <Button small disabled={detail.data === undefined} onClick={() => setActing("wake")}>
            Wake…
          </Button>
          <Button small disabled={detail.data === undefined} onClick={() => setActing("passivate")}>
            Passivate…
          </Button>
        </>
      }
      below={<Below kind={kind} id={id} />}
    >
      <div className="mx-auto flex max-w-6xl flex-col gap-4">
        {asleepSince !== null && (
          <p role="status" className="rounded-md bg-good-soft px-3 py-2 text-sm text-good">
            It was sent to sleep at <Clock at={asleepSince} />: it leaves memory as soon as nothing of it is under way. What stands below was seen before; to look again wakes it.
          </p>
        )}
        {newsAt > detail.dataUpdatedAt && detail.data !== undefined && asleepSince === null && (
          <p role="status" className="flex flex-wrap items-center gap-2 rounded-md bg-busy-soft px-3 py-2 text-sm text-busy">
            It has changed since this was seen.
            <Button small onClick={look}>
              Look now
            </Button>
          </p>
        )}
        {detail.isPending && <Loading what="Looking at the actor" rows={6} />}
        {detail.isError && <Failure error={detail.error} onRetry={look} />}
        {detail.data !== undefined && <Panel kind={kind} id={id} detail={detail.data} />}
      </div>
      {acting !== null && <ActDialog kind={kind} id={id} act={acting} onDone={acted} onClose={() => setActing(null)} />}
    </Page>
  );
}

/** When the feed last told of it; 0 while it has not. */
function useNewsAt(id: string): number {
  const [at, setAt] = useState(0);
  useEffect(() => feed.listen((event) => (event.type === "row" && event.row.id === id ? setAt(Date.now()) : undefined)), [id]);
  return at;
}

function useTab() {
  const { tab } = useSearch({ from: "/operators/$kind/$id" });
  return tabs.find((one) => one.key === tab)?.key ?? "overview";
}

function Below({ kind, id }: { kind: Kind; id: string }) {
  const navigate = useNavigate();
  const tab = useTab();
  return (
    <Tabs label="Actor" tabs={tabs} current={tab} panel="actor" onChange={(next) => void navigate({ to: "/operators/$kind/$id", params: { kind, id }, search: { tab: next }, replace: true })} />
  );
}

function Beside({ kind, id, named }: { kind: Kind; id: string; named: Named | undefined }) {
  return (
    <>
      <Badge>{kind}</Badge>
      {named?.state !== undefined && (
        <Badge tone={named.state.tone} title="Live, as the feed tells it">
          {named.state.word}
        </Badge>
      )}
      {kind === "session" && (
        <Link to="/sessions/$session" params={{ session: id }} className="text-sm text-accent underline">
          Open the chat
        </Link>
      )}
      {kind === "execution" && (
        <Link to="/runs/$run" params={{ run: id }} className="text-sm text-accent underline">
          Open the run
        </Link>
      )}
      {kind === "workflow" && (
        <Link to="/workflows/$workflow" params={{ workflow: id }} className="text-sm text-accent underline">
          Open the workflow
        </Link>
      )}
      <Link to="/operators" search={{ tab: "actors", kind }} className="flex items-center text-sm text-soft hover:text-ink">
        <ChevronLeft size={14} aria-hidden /> {kinds[kind].many}
      </Link>
    </>
  );
}

interface PanelProps {
  kind: Kind;
  id: string;
  detail: Detail;
}

function Panel({ kind, id, detail }: PanelProps) {
  const tab = useTab();
  return (
    <div id="actor" role="tabpanel" aria-label={tabs.find((one) => one.key === tab)?.label}>
      {tab === "overview" && <Overview kind={kind} id={id} detail={detail} />}
      {tab === "state" && <StateView kind={kind} id={id} detail={detail} />}
      {tab === "journal" && <Journal kind={kind} id={id} detail={detail} />}
    </div>
  );
}
