// A session with very many messages, made as fast as the server takes them.
import type { Stage } from "./stage";

/** So many wait at once; the server refuses more than its own limit. */
const WAITING = 40;

/** Has the agent echo `turns` prompts: twice as many messages. Returns the session. */
export async function manyMessages(stage: Stage, turns: number): Promise<string> {
  const { id } = (await stage.api("POST", "/api/sessions", { title: "A long history" })) as { id: string };
  const waiting = async () => {
    const { queue, turns: open } = (await stage.api("GET", `/api/sessions/${id}`)) as { queue: unknown[]; turns: unknown[] };
    return queue.length + open.length;
  };
  for (let sent = 0; sent < turns; ) {
    const room = Math.min(WAITING - (await waiting()), turns - sent);
    const texts = Array.from({ length: Math.max(0, room) }, (_, n) => textOf(sent + n));
    // One after the other, so that they are in order.
    for (const text of texts) await stage.api("POST", `/api/sessions/${id}/prompts`, { text });
    sent += texts.length;
  }
  while ((await waiting()) > 0);
  return id;
}

const more = [
  "",
  "\n\n- the limiter counts hits\n- the window moves\n- old hits are dropped",
  "\n\n```ts\nconst open = rows.filter((row) => row.status !== \"terminated\");\n```",
  "\n\nIt reads the **whole** table first, which is slow when it is long; a cursor would do, and it would go on where it was.",
];

const textOf = (n: number): string => `Message ${n + 1}.${more[n % more.length] ?? ""}`;
