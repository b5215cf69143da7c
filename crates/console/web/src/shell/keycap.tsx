/** Keys as they stand on a keyboard: `g s` are two after each other, `Ctrl+K` two at once. */
export function Keys({ keys }: { keys: string }) {
  return (
    <span className="inline-flex shrink-0 items-center gap-1">
      {keys.split(" ").map((key, n) => (
        <kbd key={n} className="rounded border border-line bg-sunken px-1.5 py-px font-mono text-[0.6875rem] leading-4 text-soft">
          {key}
        </kbd>
      ))}
    </span>
  );
}
