// Files that come with a prompt: read as the server takes them, within its limits.
import type { Schemas } from "@/api/types";
import type { Limits } from "@/live/chat/state";
import { bytesOf } from "@/live/chat/turn";

export type Attachment = Schemas["Attachment"];

/** What a frame holds besides text and files. */
const FRAME_ROOM = 4_096;

export async function readFile(file: File): Promise<Attachment> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const pieces: string[] = [];
  const step = 0x8000;
  for (let at = 0; at < bytes.length; at += step) pieces.push(String.fromCharCode(...bytes.subarray(at, at + step)));
  return { name: file.name || "pasted", mime: file.type || "application/octet-stream", data: btoa(pieces.join("")) };
}

/** How much of the limit a prompt takes, in bytes. */
export function sizeOf(text: string, attachments: readonly Attachment[]): number {
  return attachments.reduce((sum, file) => sum + file.data.length, bytesOf(text));
}

/** Says what is too much, before the server has to. */
export function tooMuch(text: string, attachments: readonly Attachment[], limits: Limits | null): string | null {
  if (limits === null) return null;
  const most = Math.min(limits.prompt_bytes_max, limits.frame_bytes_max - FRAME_ROOM);
  const size = sizeOf(text, attachments);
  if (size <= most) return null;
  return `This is ${kilobytes(size)}; a prompt with its files may have ${kilobytes(most)}.`;
}

export function kilobytes(bytes: number): string {
  return bytes < 1_000_000 ? `${Math.ceil(bytes / 1000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
