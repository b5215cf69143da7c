import type { Server } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import type { Page } from "@playwright/test";
import { accessible, expect, pictured, signIn, test } from "./kit";
import type { Stage } from "./stage";

/** A run that asks before it pushes. */
const release = (name: string, more = "") => `
name: ${name}
inputs:
  version: {type: string, default: 2.4.0}
steps:
  - id: gate
    type: approval
    prompt: Publish {{ inputs.version }} to production?
    items:
      Version: "{{ inputs.version }}"
      Changes: "14 commits since 2.3.2, no migration"
      Checks: {unit: passed, stories: passed, size_kb: 213}
    on_deny: continue
    timeout: 2h
    ${more}
  - {id: push, name: Push the tag, type: bash, command: "echo {{ outputs.gate.decision }}"}
`;

const start = async (stage: Stage, definition: string) => (await stage.api("POST", "/api/executions", { definition })) as { execution: string };
const card = (page: Page, text: string) => page.getByRole("list", { name: "What waits" }).getByRole("listitem").filter({ hasText: text });

/** Makes a second person, and returns their token. */
async function person(stage: Stage, name: string): Promise<string> {
  await stage.api("POST", "/api/users", { name });
  return ((await stage.api("POST", "/api/tokens", { name: `${name}'s`, role: "user", user: name })) as { secret: string }).secret;
}

interface Row {
  id: string;
  hash: string;
  execution: string;
}

/** Denies in another person's name. */
async function deny(stage: Stage, token: string, execution: string, reason: string): Promise<void> {
  const as = { authorization: `Bearer ${token}` };
  const page = (await stage.api("GET", "/api/approvals", undefined, as)) as { items: Row[] };
  const asked = page.items.find((row) => row.execution === execution);
  await stage.api("POST", `/api/approvals/${asked?.id}`, { hash: asked?.hash, decision: "denied", reason }, as);
}

test("what is approved in one browser is gone in the other at once, and a denial says why", async ({ signedIn: page, stage, browser }) => {
  const other = await signIn(browser, stage);
  await page.goto("/approvals");
  await other.page.goto("/approvals");
  await expect(page.getByText("Nothing waits for you")).toBeVisible();
  await pictured(page, "approvals-empty");
  await start(stage, release("Release"));
  await start(stage, release("Hotfix").replace("2.4.0", "2.3.3"));
  await expect(card(page, "Publish 2.4.0")).toBeVisible();
  await expect(card(page, "Publish 2.3.3")).toContainText("Push the tag");
  await accessible(page);
  await pictured(page, "approvals-inbox");
  await card(page, "Publish 2.4.0").getByRole("button", { name: "Approve" }).click();
  await expect(card(page, "Release")).toContainText("You approved");
  await expect(card(other.page, "Release")).toContainText("You approved elsewhere");
  // By the keyboard: the letters lead to the answer, and Enter gives it.
  await page.locator("body").press("j");
  await page.keyboard.press("d");
  await expect(card(page, "Publish 2.3.3").getByRole("button", { name: "Deny" })).toBeFocused();
  await card(page, "Publish 2.3.3").getByLabel("Reason").fill("The invoice job still runs");
  await card(page, "Publish 2.3.3").getByRole("button", { name: "Deny" }).press("Enter");
  await expect(card(page, "Hotfix")).toContainText("You denied");
  await expect(card(other.page, "Hotfix")).toContainText("You denied elsewhere");
  await expect(card(other.page, "Hotfix")).toContainText("The invoice job still runs");
  await accessible(other.page);
  await pictured(other.page, "approvals-settled");
  expect(other.complaints).toEqual([]);
  await other.context.close();
});

test("a click that comes too late is told who was faster", async ({ signedIn: page, stage }) => {
  const token = await person(stage, "eve");
  let deaf = false;
  await page.routeWebSocket(/\/api\/feed/, (line) => {
    const server = line.connectToServer();
    server.onMessage((message) => {
      if (!deaf) line.send(message);
    });
  });
  await page.goto("/approvals");
  const { execution } = await start(stage, release("Late", "approvers: [admin, eve]"));
  await expect(card(page, "Late")).toContainText("May decide: admin, eve");
  deaf = true;
  await deny(stage, token, execution, "Not on a Friday");
  await card(page, "Late").getByRole("button", { name: "Approve" }).click();
  await expect(card(page, "Late")).toContainText("eve was faster, and denied");
  await expect(card(page, "Late")).toContainText("Not on a Friday");
});

test("notices come when somebody has asked for them and looks elsewhere, and lead to the inbox", async ({ signedIn: page, stage }) => {
  // The browser's own notices cannot be looked at from here; what is asked of the browser can.
  await page.addInitScript(() => {
    const told: { title: string; body: string; onclick: (() => void) | null; close: () => void }[] = [];
    class Fake {
      static permission = "default";
      static requestPermission = () => Promise.resolve((Fake.permission = "granted"));
      onclick: (() => void) | null = null;
      body: string;
      constructor(
        readonly title: string,
        options: { body: string },
      ) {
        this.body = options.body;
        told.push(this);
      }
      close() {}
    }
    Object.assign(window, { Notification: Fake, told, away: false });
    Object.defineProperty(document, "hidden", { get: () => (window as unknown as { away: boolean }).away });
  });
  const told = () => page.evaluate(() => (window as unknown as { told: { title: string; body: string }[] }).told.map(({ title, body }) => `${title}: ${body}`));
  await page.goto("/approvals");
  await page.getByRole("button", { name: "Notify me" }).click();
  await expect(page.getByRole("button", { name: "Notices are on" })).toBeVisible();
  await start(stage, release("Seen"));
  await expect(card(page, "Seen")).toBeVisible();
  expect(await told(), "who looks needs no notice").toEqual([]);
  await page.getByRole("link", { name: "Runs" }).click();
  await page.evaluate(() => Object.assign(window, { away: true }));
  await start(stage, release("Unseen").replace("2.4.0", "3.0.0"));
  await expect.poll(told).toEqual(["Unseen asks: Publish 3.0.0 to production?"]);
  await page.evaluate(() => {
    const seen = window as unknown as { away: boolean; told: { onclick: () => void }[] };
    seen.away = false;
    seen.told[0]?.onclick();
  });
  await expect(card(page, "Unseen")).toBeVisible();
});

test("a budget that is used up is raised, and the prompt that waits goes on", async ({ signedIn: page, stage }) => {
  const { id } = (await stage.api("POST", "/api/sessions", { title: "Support" })) as { id: string };
  await page.goto("/approvals?tab=budgets");
  await page.getByRole("button", { name: "Set a budget" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Where it holds").selectOption("session");
  await dialog.getByLabel("Which one").selectOption({ label: "Support" });
  await dialog.getByLabel("Turns").fill("0");
  await dialog.getByRole("button", { name: "Set" }).click();
  await expect(dialog.getByLabel("Turns")).toHaveAttribute("aria-invalid", "true");
  await dialog.getByLabel("Turns").fill("1");
  await dialog.getByLabel("Tokens").fill("200000");
  await accessible(page);
  await pictured(page, "approvals-budget-form");
  await dialog.getByRole("button", { name: "Set" }).click();
  await expect(dialog).toBeHidden();
  const budget = page.getByRole("article", { name: `session:${id}` });
  await expect(budget.getByRole("meter", { name: "Turns" })).toHaveAttribute("aria-valuetext", "0 of 1");
  await stage.api("POST", `/api/sessions/${id}/prompts`, { text: "Summarize the support inbox" });
  await stage.api("POST", `/api/sessions/${id}/prompts`, { text: "And draft the answers" });
  await expect(budget.getByText("1 waiting")).toBeVisible();
  await expect(budget.getByRole("meter", { name: "Turns" })).toHaveAttribute("aria-valuetext", "1 of 1");
  await accessible(page);
  await pictured(page, "approvals-budgets");
  await page.getByRole("tab", { name: /Inbox/ }).click();
  const asked = page.getByRole("region", { name: "A budget is used up" });
  await expect(asked).toContainText("One prompt waits");
  await accessible(page);
  await pictured(page, "approvals-budget-asked");
  await asked.getByRole("button", { name: "Raise by 1 turn" }).click();
  await expect(page.getByText("You raised it")).toBeVisible();
  await expect.poll(async () => ((await stage.api("GET", `/api/sessions/${id}`)) as { queue: unknown[]; status: string }).queue.length).toBe(0);
  await page.getByRole("tab", { name: "Budgets" }).click();
  await expect(budget.getByRole("meter", { name: "Turns" })).toHaveAttribute("aria-valuetext", "2 of 2");
  await budget.getByRole("button", { name: "Remove" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
  await expect(budget).toBeHidden();
  await expect(page.getByText("has no budget any more, by admin")).toBeVisible();
});

/** A tracker behind a connector, with one tool that writes. */
async function tracker(): Promise<{ server: Server; url: string; calls: unknown[] }> {
  const calls: unknown[] = [];
  const tool = {
    name: "create_issue",
    description: "Opens an issue.",
    inputSchema: { type: "object", properties: { project: { type: "string" }, title: { type: "string" }, api_key: { type: "string" } } },
  };
  const answers: Record<string, (params: Record<string, unknown>) => unknown> = {
    initialize: (params) => ({ protocolVersion: params.protocolVersion, capabilities: { tools: {} }, serverInfo: { name: "tracker", version: "1" } }),
    "tools/list": () => ({ tools: [tool] }),
    "tools/call": (params) => {
      calls.push(params.arguments);
      return { content: [{ type: "text", text: "SHOP-41" }] };
    },
  };
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (piece: Buffer) => (body += piece.toString()));
    request.on("end", () => {
      const { id, method, params } = JSON.parse(body === "" ? "{}" : body) as { id?: number; method?: string; params?: Record<string, unknown> };
      const answer = answers[method ?? ""];
      response.writeHead(answer === undefined ? 202 : 200, { "content-type": "application/json" });
      response.end(answer === undefined ? "" : JSON.stringify({ jsonrpc: "2.0", id, result: answer(params ?? {}) }));
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`, calls };
}

const reports = (title: string) => `
name: Error report
steps:
  - id: open
    name: Open an issue
    type: tool
    tool: tracker__create_issue
    arguments: {project: shop, title: "${title}", api_key: k-1}
    timeout: 30m
`;

test.describe("calls", () => {
  test.use({ stageOptions: { env: { TENURE_SERVER_CONNECTOR_PRIVATE_ADDRESSES: "true" } } });

  test("a call is approved together with a grant for more like it, which is seen and taken back", async ({ signedIn: page, stage }) => {
    const { server, url, calls } = await tracker();
    await stage.api("PUT", "/api/connectors/tracker", { url, risk: "medium" });
    await page.goto("/approvals");
    await start(stage, reports("Checkout fails with 502"));
    const asked = page.getByRole("region", { name: "Call of tracker__create_issue" });
    await expect(asked).toContainText("Checkout fails with 502");
    await expect(asked.getByRole("definition").filter({ hasText: "hidden" })).toBeVisible();
    await expect(asked).not.toContainText("k-1");
    await asked.getByLabel("Allow more calls like it").check();
    await asked.getByLabel("only these of them").check();
    await asked.getByLabel("title").uncheck();
    await asked.getByLabel("api_key").uncheck();
    await asked.getByLabel("Where").selectOption("owner");
    await asked.getByLabel("How often").fill("5");
    await accessible(page);
    await pictured(page, "approvals-call");
    await asked.getByRole("button", { name: "Approve, and allow more" }).click();
    await expect(page.getByText("You approved")).toBeVisible();
    await expect.poll(() => calls.length).toBe(1);
    // The next one like it needs nobody.
    await start(stage, reports("Cart is empty after login"));
    await expect.poll(() => calls.length).toBe(2);
    await page.getByRole("tab", { name: "Grants" }).click();
    const grants = page.getByRole("list", { name: "Grants" });
    await expect(grants.getByRole("listitem")).toHaveCount(1);
    await expect(grants).toContainText('project: "shop"');
    await expect(grants).toContainText("good 4 more times");
    await page.getByRole("button", { name: "New grant" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Tool").fill("delete_trigger");
    await dialog.getByLabel("Reason").fill("Cleaning up the old hooks");
    await accessible(page);
    await pictured(page, "approvals-grant-new");
    await dialog.getByRole("button", { name: "Allow" }).click();
    await expect(grants.getByRole("listitem")).toHaveCount(2);
    await accessible(page);
    await pictured(page, "approvals-grants");
    await grants.getByRole("listitem").filter({ hasText: "create_issue" }).getByRole("button", { name: "Revoke" }).click();
    await dialog.getByRole("button", { name: "Revoke" }).click();
    await expect(grants.getByRole("listitem")).toHaveCount(1);
    await page.getByRole("tab", { name: "Rules" }).click();
    await page.getByRole("button", { name: "Set a rule" }).click();
    await dialog.getByLabel("Which calls").selectOption("service");
    await dialog.getByLabel("Which one").fill("tracker");
    await dialog.getByLabel("What becomes of them").selectOption("deny");
    await dialog.getByRole("button", { name: "Set", exact: true }).click();
    await expect(page.getByText("service:tracker").first()).toBeVisible();
    await page.getByLabel("Tool").fill("tracker__create_issue");
    await page.getByRole("button", { name: "Explain" }).click();
    await expect(page.getByRole("list", { name: "Rules that were looked at, the widest first" })).toContainText("everything of yours");
    await accessible(page);
    await pictured(page, "approvals-rules");
    server.close();
  });
});
