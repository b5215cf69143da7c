// The sandboxes of all sessions, as they were when somebody looked; those of one's own are pushed by the feed.
import { Link } from "@tanstack/react-router";
import { api, ask } from "@/api/client";
import type { Schemas } from "@/api/types";
import { feed } from "@/live/feed";
import type { FeedState } from "@/live/feed";
import { useStore } from "@/live/store";
import type { Tone } from "@/ui/badge";
import { Badge, Dot } from "@/ui/badge";
import { Section } from "@/ui/page";
import { Empty } from "@/ui/states";
import { Ago } from "@/ui/time";
import { Looked } from "./parts/look";
import { PagedView, usePaged } from "./parts/paged";
import { Cell, Row, Table } from "./parts/table";

type State = Schemas["SandboxState"];

const tones: Record<State, Tone> = {
  none: "plain",
  wanted: "busy",
  starting: "busy",
  running: "good",
  away: "warn",
  hibernating: "busy",
  hibernated: "plain",
  backoff: "warn",
  failed: "bad",
};

const own = (state: FeedState) => state.lists.sandbox;

export function Sandboxes() {
  const paged = usePaged(["sandboxes"], (cursor) => ask(api.GET("/api/sandboxes", { params: { query: cursor === undefined ? {} : { cursor } } })));
  const live = useStore(feed.store, own);
  return (
    <Section title="Sandboxes" actions={<Looked at={paged.dataUpdatedAt} busy={paged.isFetching} onLook={() => void paged.refetch()} />}>
      <PagedView
        paged={paged}
        what="sandboxes"
        empty={<Empty title="No session has a sandbox of its own">Sessions that name a sandbox in what they ask of their runner get one: a runner that is started for them alone, and sleeps when nobody needs it.</Empty>}
      >
        {(rows) => (
          <Table label="Sandboxes" head={["Session", "Whose", "Provider", "State", "Since", "What next"]}>
            {rows.map((read) => {
              const pushed = live?.get(read.session)?.row as Schemas["SandboxRow"] | undefined;
              const row = pushed ?? read;
              const { sandbox } = row;
              return (
                <Row key={row.session}>
                  <Cell>
                    <Link to="/sessions/$session" params={{ session: row.session }} className="font-medium text-accent hover:underline">
                      {row.title || "Untitled session"}
                    </Link>
                  </Cell>
                  <Cell>{row.owner_name}</Cell>
                  <Cell>
                    {sandbox.name} <span className="text-xs text-soft">{sandbox.provider}</span>
                  </Cell>
                  <Cell>
                    <Badge tone={tones[sandbox.state]}>
                      <Dot tone={tones[sandbox.state]} />
                      {sandbox.state}
                    </Badge>
                    {pushed !== undefined && <span className="ml-1.5 text-xs text-soft">live</span>}
                  </Cell>
                  <Cell className="whitespace-nowrap">
                    <Ago at={sandbox.since} />
                  </Cell>
                  <Cell className="min-w-40 text-xs text-soft">
                    {sandbox.why}
                    {typeof sandbox.until === "number" && (
                      <span className="block">
                        until <Ago at={sandbox.until} />
                      </span>
                    )}
                  </Cell>
                </Row>
              );
            })}
          </Table>
        )}
      </PagedView>
    </Section>
  );
}
