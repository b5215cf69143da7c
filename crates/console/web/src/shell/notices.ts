// The browser's own notices of what waits for a decision, for those who asked for them. They come while nobody looks at the page.
import { feed } from "@/live/feed";
import { Store, useStore } from "@/live/store";
import type { FeedEvent, Waiting } from "@/api/types";

const KEY = "tenure.notices";

/** How it stands with notices in this browser. */
export type Notices = "on" | "off" | "refused" | "missing";

function standing(): Notices {
  // Pages that did not come over TLS have none, but from this machine itself.
  if (typeof Notification === "undefined") return "missing";
  if (Notification.permission === "denied") return "refused";
  return Notification.permission === "granted" && localStorage.getItem(KEY) === "on" ? "on" : "off";
}

const store = new Store<Notices>(standing());
const same = (state: Notices) => state;

export const useNotices = (): Notices => useStore(store, same);

/** Asks the person whether notices may come. Browsers want this to follow a click. */
export async function switchNotices(on: boolean): Promise<void> {
  if (on && Notification.permission === "default") await Notification.requestPermission();
  localStorage.setItem(KEY, on ? "on" : "off");
  store.set(standing());
}

/** Tells of what begins to wait while the page is hidden; a click on it goes there. Returns how to end that. */
export function watchApprovals(go: () => void): () => void {
  const shown = new Map<string, Notification>();
  const known = new Set<string>();
  const hear = (event: FeedEvent) => {
    if (event.type === "snapshot") for (const row of event.rows) if (row.list === "approval") known.add(row.id);
    if (event.type === "row.gone" && event.list === "approval") {
      known.delete(event.id);
      shown.get(event.id)?.close();
      shown.delete(event.id);
    }
    if (event.type !== "row" || event.row.list !== "approval" || known.has(event.row.id)) return;
    known.add(event.row.id);
    if (!document.hidden || standing() !== "on") return;
    const { title, body } = noticeOf(event.row.row as Waiting);
    try {
      const notice = new Notification(title, { body, tag: event.row.id });
      notice.onclick = () => {
        window.focus();
        notice.close();
        go();
      };
      shown.set(event.row.id, notice);
    } catch {
      // Some browsers on phones know notices of service workers only.
    }
  };
  return feed.listen(hear);
}

/** Says in a notice what is asked. */
export function noticeOf(asked: Waiting): { title: string; body: string } {
  if ("prompt" in asked) return { title: `${asked.workflow} asks`, body: asked.prompt };
  if ("tool" in asked) return { title: `${asked.tool} waits for a decision`, body: asked.run ? `Called by ${asked.step ?? "a step"} of ${asked.run}` : "Called by an agent" };
  return { title: "A budget is used up", body: `${asked.waiting} ${asked.waiting === 1 ? "prompt waits" : "prompts wait"} for more ${asked.measure.replace("_", " ")}` };
}
