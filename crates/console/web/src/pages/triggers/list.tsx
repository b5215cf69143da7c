// All triggers as cards, where they are: switching one off grays it in place.
import { useState } from "react";
import { useNavigate } from "@tanstack/react-router";
import { Plus } from "lucide-react";
import { useFeedKnown, useRows } from "@/live/feed";
import { Button } from "@/ui/button";
import { Input, Select } from "@/ui/field";
import { Page } from "@/ui/page";
import { Empty, Loading } from "@/ui/states";
import type { Action } from "./card";
import { TriggerCard } from "./card";
import type { TriggerRow } from "./data";
import { useLatest, useTriggerNews } from "./data";
import { PauseDialog, RunDialog } from "./dialogs";
import type { Made } from "./made";
import { EditorAndSecret } from "./made";
import { useOlder } from "./older";
import { kindWord } from "./words";

export function Triggers() {
  useTriggerNews();
  const known = useFeedKnown();
  const pushed = useRows("trigger");
  const older = useOlder(pushed);
  const latest = useLatest();
  const navigate = useNavigate();
  const [search, setSearch] = useState("");
  const [kind, setKind] = useState("");
  const [making, setMaking] = useState<Made | null>(null);
  const [asked, setAsked] = useState<{ action: Exclude<Action, "edit">; row: TriggerRow } | null>(null);
  const rows = [...pushed, ...older.rows];
  const wanted = rows.filter((row) => (kind === "" || row.type === kind) && holds(row, search));
  const onAction = (action: Action, row: TriggerRow) => (action === "edit" ? setMaking({ edit: row.id }) : setAsked({ action, row }));
  return (
    <Page
      title="Schedules & hooks"
      actions={
        <Button look="primary" icon={<Plus size={16} aria-hidden />} onClick={() => setMaking({ edit: null })}>
          New
        </Button>
      }
    >
      {rows.length > 0 && (
        <div role="search" className="mb-3 flex gap-2">
          <Input type="search" aria-label="Search" placeholder="Search" className="min-w-0 max-w-64 flex-1" value={search} onChange={(event) => setSearch(event.target.value)} />
          <Select aria-label="Kind" className="w-36! shrink-0" value={kind} onChange={(event) => setKind(event.target.value)}>
            <option value="">All kinds</option>
            {Object.entries(kindWord).map(([type, word]) => (
              <option key={type} value={type}>
                {word}
              </option>
            ))}
          </Select>
        </div>
      )}
      {!known && rows.length === 0 && <Loading what="Loading the triggers" />}
      {known && rows.length === 0 && (
        <Empty
          title="Nothing starts by itself yet"
          action={
            <Button look="primary" onClick={() => setMaking({ edit: null })}>
              Make the first one
            </Button>
          }
        >
          A schedule starts a workflow at times of the clock, a webhook when it is called, GitHub when something happens there. Each can also ask the orchestrator.
        </Empty>
      )}
      {rows.length > 0 && wanted.length === 0 && <Empty title="None fits">Search for something else, or for all kinds.</Empty>}
      <div className="grid grid-cols-1 gap-3 lg:grid-cols-2 2xl:grid-cols-3">
        {wanted.map((row) => (
          <TriggerCard key={row.id} row={row} last={latest.get(row.id)} onAction={onAction} />
        ))}
      </div>
      {older.more && (
        <div className="mt-3 flex justify-center">
          <Button busy={older.busy} onClick={older.load}>
            Show older ones
          </Button>
        </div>
      )}
      {asked?.action === "run" && <RunDialog row={asked.row} onClose={() => setAsked(null)} />}
      {asked?.action === "pause" && <PauseDialog row={asked.row} onClose={() => setAsked(null)} />}
      <EditorAndSecret
        making={making}
        onClose={(saved) => {
          if (saved && making?.edit === null) void navigate({ to: "/triggers/$trigger", params: { trigger: saved.id } });
          setMaking(null);
        }}
      />
    </Page>
  );
}

function holds(row: TriggerRow, search: string): boolean {
  const words = search.toLowerCase().split(/\s+/);
  const text = `${row.name} ${row.description ?? ""} ${row.words}`.toLowerCase();
  return words.every((word) => text.includes(word));
}
