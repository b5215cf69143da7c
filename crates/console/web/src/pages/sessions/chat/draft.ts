// What is typed and not sent yet, kept for each session in this tab.
const key = (session: string) => `tenure.draft.${session}`;

type Listener = (text: string) => void;
const boxes = new Map<string, Listener>();

export function draftOf(session: string): string {
  return sessionStorage.getItem(key(session)) ?? "";
}

export function keepDraft(session: string, text: string): void {
  if (text === "") sessionStorage.removeItem(key(session));
  else sessionStorage.setItem(key(session), text);
}

/** Puts a text into the session's box, before what is typed there. */
export function putBack(session: string, text: string): void {
  const typed = draftOf(session);
  const whole = typed === "" ? text : `${text}\n${typed}`;
  keepDraft(session, whole);
  boxes.get(session)?.(whole);
}

/** Has a box hear what is put into it. */
export function listenForDraft(session: string, hear: Listener): () => void {
  boxes.set(session, hear);
  return () => {
    if (boxes.get(session) === hear) boxes.delete(session);
  };
}
