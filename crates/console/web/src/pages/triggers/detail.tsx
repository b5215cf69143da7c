// The page of one trigger: what it says, what it decided and why, what it would do, and how it became what it is.
import { useState } from "react";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { ArrowLeft, Pause, Pencil, Play, TextCursorInput, Trash2 } from "lucide-react";
import { useRow } from "@/live/feed";
import { Badge } from "@/ui/badge";
import { Button, IconButton } from "@/ui/button";
import { Page } from "@/ui/page";
import { Empty, Failure, Loading } from "@/ui/states";
import { Tabs } from "@/ui/tabs";
import { tell } from "@/ui/toast";
import { ProblemError } from "@/api/problem";
import { Backfill } from "./backfill";
import { States, usePaused } from "./card";
import type { TriggerDetail } from "./data";
import { act, useHistory, useTrigger, useTriggerNews } from "./data";
import { Deliveries } from "./deliveries";
import { DeleteDialog, PauseDialog, RenameDialog, RunDialog } from "./dialogs";
import { object } from "./form/parts";
import { History } from "./history";
import type { Made } from "./made";
import { EditorAndSecret } from "./made";
import { Overview } from "./overview";
import { OnSwitch } from "./switch";
import { Trial } from "./trial";
import { zoneOf } from "./why";
import { kindWord } from "./words";

const names = { overview: "Overview", deliveries: "Deliveries", test: "Test", backfill: "Backfill", history: "History" } as const;
type Name = keyof typeof names;

function tabsOf(trigger: TriggerDetail): Name[] {
  const called = trigger.type === "webhook" || trigger.type === "github";
  return (Object.keys(names) as Name[]).filter((name) => (name !== "test" || called) && (name !== "backfill" || trigger.type === "schedule"));
}

export function Trigger() {
  useTriggerNews();
  const { trigger: id } = useParams({ from: "/triggers/$trigger" });
  const { data, error, refetch } = useTrigger(id);
  if (data !== undefined) return <Shown trigger={data} />;
  const gone = error instanceof ProblemError && error.problem.status === 404;
  return (
    <Page title="Trigger" actions={<Back />}>
      {gone ? (
        <Gone id={id} />
      ) : error ? (
        <Failure error={error} onRetry={() => void refetch()} />
      ) : (
        <Loading />
      )}
    </Page>
  );
}

/** A trigger that is there no more: what it did can still be read. */
function Gone({ id }: { id: string }) {
  const last = useHistory(id).data?.pages[0]?.items.find((row) => row.definition !== undefined);
  if (last === undefined) return <Empty title="There is no such trigger">It is somebody else’s, or there never was one.</Empty>;
  return (
    <div className="flex flex-col gap-4">
      <p className="rounded-md bg-warn-soft px-3 py-2 text-sm text-warn">This trigger was deleted: it fires no more. What is kept of it stands below.</p>
      <Deliveries id={id} zone={zoneOf(object(last.definition))} there={false} />
      <History id={id} />
    </div>
  );
}

function Back() {
  return (
    <Link to="/triggers" className="inline-flex items-center gap-1 text-sm text-accent hover:underline">
      <ArrowLeft size={14} aria-hidden /> All of them
    </Link>
  );
}

type Doing = "run" | "pause" | "rename" | "delete";

function Shown({ trigger }: { trigger: TriggerDetail }) {
  // The feed is ahead of what was read.
  const row = useRow("trigger", trigger.id) ?? trigger;
  const paused = usePaused(row);
  const search = useSearch({ from: "/triggers/$trigger" });
  const navigate = useNavigate({ from: "/triggers/$trigger" });
  const [doing, setDoing] = useState<Doing | null>(null);
  const [making, setMaking] = useState<Made | null>(null);
  const tabs = tabsOf(trigger);
  const tab = tabs.find((name) => name === search.tab) ?? "overview";
  const close = () => setDoing(null);
  return (
    <Page
      title={row.name}
      beside={
        <>
          <Badge>{kindWord[row.type]}</Badge>
          <States row={row} />
        </>
      }
      actions={
        <>
          <OnSwitch row={row} />
          <Button small icon={<Play size={13} aria-hidden />} onClick={() => setDoing("run")}>
            Run
          </Button>
          {paused === null ? (
            <Button small icon={<Pause size={13} aria-hidden />} onClick={() => setDoing("pause")}>
              Pause
            </Button>
          ) : (
            <Button small icon={<Play size={13} aria-hidden />} onClick={() => void act.resume(row.id).catch(tell.failed)}>
              Resume
            </Button>
          )}
          <Button small icon={<Pencil size={13} aria-hidden />} onClick={() => setMaking({ edit: row.id })}>
            Edit
          </Button>
          <IconButton small label="Rename" onClick={() => setDoing("rename")}>
            <TextCursorInput size={15} aria-hidden />
          </IconButton>
          <IconButton small label="Delete" onClick={() => setDoing("delete")}>
            <Trash2 size={15} aria-hidden />
          </IconButton>
        </>
      }
      below={
        <Tabs
          label="What to see of it"
          panel="trigger-panel"
          tabs={tabs.map((key) => ({ key, label: names[key] }))}
          current={tab}
          onChange={(key) => void navigate({ search: { tab: key }, replace: true })}
        />
      }
    >
      <div id="trigger-panel" role="tabpanel" aria-label={names[tab]}>
        {tab === "overview" && <Overview trigger={trigger} row={row} />}
        {tab === "deliveries" && <Deliveries id={trigger.id} zone={zoneOf(trigger.definition)} there />}
        {tab === "test" && <Trial trigger={trigger} />}
        {tab === "backfill" && <Backfill trigger={trigger} />}
        {tab === "history" && <History id={trigger.id} />}
      </div>
      {doing === "run" && <RunDialog row={row} onClose={close} />}
      {doing === "pause" && <PauseDialog row={row} onClose={close} />}
      {doing === "rename" && <RenameDialog row={row} onClose={close} />}
      {doing === "delete" && <DeleteDialog row={row} onClose={close} onDone={() => void navigate({ to: "/triggers" })} />}
      <EditorAndSecret making={making} onClose={() => setMaking(null)} />
    </Page>
  );
}
