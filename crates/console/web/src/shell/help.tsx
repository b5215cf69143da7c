// All shortcuts, on `?`.
import { Dialog } from "@/ui/dialog";
import { Keys } from "./keycap";
import { keyGroups } from "./told";

export function Help({ admin, onClose }: { admin: boolean; onClose: () => void }) {
  const groups = keyGroups(admin);
  return (
    <Dialog title="Keyboard shortcuts" wide onClose={onClose}>
      <div className="gap-x-8 sm:columns-2">
        {groups.map((group) => (
          <section key={group.name} className="mb-5 break-inside-avoid">
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
      <p className="mt-4 text-xs text-soft">Those of single letters do nothing while a field has the focus, and Ctrl+K nothing while there is text in it. On a Mac, Ctrl is ⌘.</p>
    </Dialog>
  );
}
