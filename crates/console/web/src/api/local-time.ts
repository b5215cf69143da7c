// The server says instants in UTC; people have clocks of their own.
const SAID = /\b(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) UTC\b/g;

const clock = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

/** Says the instants in a sentence of the server's as the clock on the wall does. */
export function inLocalTime(text: string): string {
  return text.replace(SAID, (_, day: string, time: string) => clock.format(new Date(`${day}T${time}Z`)));
}
