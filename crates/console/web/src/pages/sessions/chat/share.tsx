// Who may see the session, and who may work in it.
import type { FormEvent } from "react";
import { useState } from "react";
import { useQuery } from "@tanstack/react-query";
import { X } from "lucide-react";
import { api, ask } from "@/api/client";
import type { Schemas } from "@/api/types";
import type { About } from "@/live/chat/state";
import { Badge } from "@/ui/badge";
import { Button, IconButton } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Field, Input, Select } from "@/ui/field";
import { useAct } from "./act";

type Role = Schemas["Role"];

const roles: Record<Exclude<Role, "owner">, string> = {
  viewer: "looks on",
  collaborator: "prompts, stops, answers",
};

export function Share({ about, onClose }: { about: About; onClose: () => void }) {
  // Only administrators may list people; others name them by their id.
  const { data, isError } = useQuery({ queryKey: ["users", "all"], queryFn: () => ask(api.GET("/api/users", { params: { query: { limit: "200" } } })), retry: false, staleTime: 0 });
  const users = data?.items;
  const nameOf = (id: string) => users?.find((user) => user.id === id)?.name ?? id;
  const [user, setUser] = useState("");
  const [role, setRole] = useState<Role>("collaborator");
  const { busy, act } = useAct();
  const others = Object.entries(about.participants).filter(([id]) => id !== about.owner);
  const choices = users?.filter((one) => one.id !== about.owner) ?? [];
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (user.trim() !== "") act({ type: "share", user: user.trim(), role }, () => setUser(""));
  };
  return (
    <Dialog title="Share the session" onClose={onClose}>
      <ul aria-label="People" className="mb-4 divide-y divide-line rounded-lg border border-line">
        <li className="flex h-11 items-center gap-2 px-3 text-sm">
          <span className="min-w-0 flex-1 truncate">{nameOf(about.owner)}</span>
          <Badge>owner</Badge>
        </li>
        {others.map(([id, held]) => (
          <li key={id} className="flex h-11 items-center gap-2 px-3 text-sm">
            <span className="min-w-0 flex-1 truncate">{nameOf(id)}</span>
            <Badge tone="accent">{held}</Badge>
            <IconButton label={`Take the session away from ${nameOf(id)}`} small disabled={busy} onClick={() => act({ type: "share", user: id, role: null })}>
              <X size={14} aria-hidden />
            </IconButton>
          </li>
        ))}
      </ul>
      <form onSubmit={submit} className="flex flex-wrap items-end gap-2">
        <Field label="Person" className="min-w-40 flex-1" hint={users !== undefined && choices.length === 0 ? "There is nobody else on this server yet." : undefined}>
          {(control) =>
            isError ? (
              <Input {...control} value={user} onChange={(event) => setUser(event.target.value)} placeholder="The person's id" />
            ) : (
              <Select {...control} value={user} disabled={choices.length === 0} aria-busy={users === undefined} onChange={(event) => setUser(event.target.value)}>
                <option value="">Choose…</option>
                {choices.map((one) => (
                  <option key={one.id} value={one.id}>
                    {one.name}
                  </option>
                ))}
              </Select>
            )
          }
        </Field>
        <Field label="May" className="min-w-40 flex-1">
          {(control) => (
            <Select {...control} value={role} onChange={(event) => setRole(event.target.value as Role)}>
              {Object.entries(roles).map(([key, says]) => (
                <option key={key} value={key}>
                  {key}: {says}
                </option>
              ))}
            </Select>
          )}
        </Field>
        <Button look="primary" type="submit" busy={busy} disabled={user.trim() === ""}>
          Share
        </Button>
      </form>
    </Dialog>
  );
}
