// Which repositories and events of GitHub are listened to.
import { useQuery } from "@tanstack/react-query";
import { api, ask } from "@/api/client";
import { withField } from "../draft";
import { ListField } from "../values";
import type { Form } from "./parts";
import { object, texts } from "./parts";

export function GithubFields({ form }: { form: Form }) {
  const { draft, set, wrong, touch } = form;
  const known = useQuery({ queryKey: ["triggers", "github", "events"], queryFn: () => ask(api.GET("/api/triggers/github/events")) }).data;
  return (
    <>
      <ListField label="Repositories" placeholder="example/shop" hint="As owner/repo; owner/* is all of an owner." value={texts(draft.repos)} error={wrong("repos")} onTouch={() => touch("repos")} onChange={(value) => set("repos", value)} />
      <ListField label="Events" placeholder="push, pull_request.opened" hint="An event with every action, or one action of it." value={texts(draft.events)} error={wrong("events")} onTouch={() => touch("events")} onChange={(value) => set("events", value)} />
      {known !== undefined && (
        <details className="text-xs text-soft">
          <summary>What there is to listen to</summary>
          <dl className="mt-1 grid max-h-48 grid-cols-[auto_1fr] gap-x-3 gap-y-1 overflow-auto rounded-md bg-sunken p-2">
            {known.items.map((row) => (
              <div key={row.event} className="contents">
                <dt className="font-mono">{row.event}</dt>
                <dd>
                  {row.about}
                  {row.actions.length > 0 && <span className="block font-mono wrap-anywhere">{row.actions.join(" ")}</span>}
                </dd>
              </div>
            ))}
          </dl>
        </details>
      )}
    </>
  );
}

const filters = [
  { field: "branches", label: "Branches", hint: "Pushed to or merged into: main, release/*" },
  { field: "paths", label: "Files", hint: "A push that changes one of these: docs/**, *.md" },
  { field: "labels", label: "Labels", hint: "One of these." },
  { field: "actions", label: "Actions", hint: "One of these." },
];

export function GithubDetails({ form }: { form: Form }) {
  const { draft, set, wrong } = form;
  const filter = object(draft.filter);
  return (
    <div className="grid grid-cols-1 gap-3 sm:grid-cols-2">
      {filters.map(({ field, label, hint }, n) => (
        <ListField
          key={field}
          label={label}
          hint={hint}
          error={n === 0 ? wrong("filter") : null}
          value={texts(filter[field])}
          onChange={(value) => {
            const next = withField(filter, field, value.length > 0 ? value : null);
            set("filter", Object.keys(next).length > 0 ? next : null);
          }}
        />
      ))}
    </div>
  );
}
