// Tells the others that this person is typing, once when it begins and once when it ends.
import { useEffect, useState } from "react";
import type { Chat } from "@/live/chat/chat";
import { useChat } from "../context";

/** Whoever writes nothing for so long is not typing any more. */
const PAUSE_MS = 4_000;

class Typing {
  #told = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly chat: Chat,
    readonly thread: string,
  ) {}

  readonly tell = (typing: boolean): void => {
    clearTimeout(this.#timer);
    if (typing) this.#timer = setTimeout(() => this.tell(false), PAUSE_MS);
    if (this.#told === typing) return;
    this.#told = typing;
    this.chat.typing(this.thread, typing);
  };
}

/** The box is another one in each thread. */
export function useTyping(thread: string): (typing: boolean) => void {
  const chat = useChat();
  const [typing] = useState(() => new Typing(chat, thread));
  useEffect(() => () => typing.tell(false), [typing]);
  return typing.tell;
}
