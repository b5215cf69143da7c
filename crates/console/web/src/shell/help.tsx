// All shortcuts, on `?`.
import { Dialog } from "@/ui/dialog";
import { Keys } from "./keycap";
import { useKeyGroups } from "./told";

export function Help({ admin, onClose }: { admin: boolean; onClose: () => void }) {
  const groups = useKeyGroups(admin);
  return (
    <Dialog title="Keyboard shortcuts" wide onClose={onClose}>
      <div className="grid gap-x-8 gap-y-5 sm:grid-cols-2">
        {groups.map((group) => (
          <section key={group.name}>
            <h3 className="mb-1.5 text-xs font-semibold text-soft">{group.name}</h3>
            <dl className="flex flex-col">
              {group.keys.map(([keys, does]) => (
                <div key={keys} className="flex items-center gap-3 border-b border-line py-1.5 text-sm last:border-0">
                  <dt className="order-2">
                    <Keys keys={keys} />
                  </dt>
                  <dd className="min-w-0 flex-1">{does}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
      <p className="mt-4 text-xs text-soft">None of them does anything while you type in a field. On a Mac, Ctrl is ⌘.</p>
    </Dialog>
  );
}
