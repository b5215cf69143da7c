// What waits for people, and what people have allowed: the inbox, grants, rules and budgets.
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useRows } from "@/live/feed";
import { Page } from "@/ui/page";
import { Tabs } from "@/ui/tabs";
import { Budgets } from "./budgets";
import { useApprovalNews } from "./data";
import { Grants } from "./grants";
import { Inbox } from "./inbox";
import { NoticeSwitch } from "./notice-switch";
import { Rules } from "./rules";

const names = ["inbox", "grants", "rules", "budgets"] as const;
type Name = (typeof names)[number];
const words: Record<Name, string> = { inbox: "Inbox", grants: "Grants", rules: "Rules", budgets: "Budgets" };

export function Approvals() {
  useApprovalNews();
  const search = useSearch({ from: "/approvals" });
  const navigate = useNavigate({ from: "/approvals" });
  const waiting = useRows("approval").length;
  const tab = names.find((name) => name === search.tab) ?? "inbox";
  return (
    <Page
      title="Approvals"
      named={waiting > 0 ? `(${waiting}) Approvals` : "Approvals"}
      actions={tab === "inbox" && <NoticeSwitch />}
      below={
        <Tabs
          label="What to see"
          panel="approvals-panel"
          tabs={names.map((key) => ({ key, label: key === "inbox" && waiting > 0 ? `${words.inbox} (${waiting})` : words[key] }))}
          current={tab}
          onChange={(key) => void navigate({ search: { tab: key }, replace: true })}
        />
      }
    >
      <div id="approvals-panel" role="tabpanel" aria-label={words[tab]}>
        {tab === "inbox" && <Inbox />}
        {tab === "grants" && <Grants />}
        {tab === "rules" && <Rules />}
        {tab === "budgets" && <Budgets />}
      </div>
    </Page>
  );
}
