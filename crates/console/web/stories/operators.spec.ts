import type { Page } from "@playwright/test";
import { accessible, expect, pictured, test } from "./kit";
import type { Stage } from "./stage";

interface Opened {
  id: string;
}

/** Opens a session, prompts it, and waits until the turn is over. */
async function reviewed(stage: Stage, title: string): Promise<string> {
  const { id } = (await stage.api("POST", "/api/sessions", { title })) as Opened;
  await stage.api("POST", `/api/sessions/${id}/prompts`, { text: "Review the checkout change" });
  await expect.poll(async () => ((await stage.api("GET", `/api/sessions/${id}/messages`)) as { items: unknown[] }).items.length).toBe(2);
  return id;
}

const gate = `
name: Release to production
steps:
  - id: ask
    type: approval
    prompt: Release 1.4.2 to production?
`;

const actorRow = (page: Page, name: string) => page.getByRole("row").filter({ hasText: name });

test("an actor is found, its journal walked, its state seen as it was, and what changed", async ({ signedIn: page, stage }) => {
  const id = await reviewed(stage, "Checkout rounding");
  await stage.api("POST", "/api/executions", { definition: gate });
  await page.goto("/operators");
  await expect(actorRow(page, "Checkout rounding")).toContainText("idle");
  await expect(page.getByText("Your runs")).toBeVisible();
  await accessible(page);
  await pictured(page, "operators-actors");
  await page.getByRole("link", { name: "Checkout rounding" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Checkout rounding" })).toBeVisible();
  await expect(page.getByText("It is not: it waits for nothing that is late.")).toBeVisible();
  await expect(page.getByRole("link", { name: "Open the chat" })).toHaveAttribute("href", `/sessions/${id}`);
  await accessible(page);
  await pictured(page, "operators-actor");

  await page.getByRole("tab", { name: "Journal" }).click();
  const second = page.getByRole("listitem").filter({ hasText: "#2" });
  await expect(second).toContainText("prompt queued");
  await second.getByText("#2").click();
  await second.getByRole("button", { name: /^prompt:/ }).click();
  await expect(second.getByText("Review the checkout change").first()).toBeVisible();
  await accessible(page);
  await pictured(page, "operators-journal");

  await second.getByRole("link", { name: "State after it" }).click();
  await expect(page.getByRole("heading", { name: "State after record 2" })).toBeVisible();
  await expect(page.getByTestId("state")).toContainText("turns");
  await page.getByRole("button", { name: "First record" }).click();
  await expect(page.getByRole("heading", { name: "State after record 1" })).toBeVisible();
  await expect(page).toHaveURL(/seq=1/);

  await page.getByRole("button", { name: "Last record" }).click();
  await page.getByLabel("compare with seq").fill("1");
  await page.getByRole("button", { name: "Compare" }).click();
  const changes = page.getByRole("list", { name: "Changes" });
  await expect(changes).toContainText("/threads/");
  await expect(changes.getByText("changed").first()).toBeVisible();
  await expect(page.getByTestId("state").locator(".bg-warn-soft").first()).toBeVisible();
  await accessible(page);
  await pictured(page, "operators-state");
});

test("an actor is sent to sleep after a dry run, and woken again", async ({ signedIn: page, stage }) => {
  const id = await reviewed(stage, "Invoice export");
  await page.goto(`/operators/session/${id}`);
  await expect(page.getByRole("heading", { level: 1, name: "Invoice export" })).toBeVisible();
  await page.getByRole("button", { name: "Passivate…" }).click();
  const dialog = page.getByRole("dialog", { name: "Passivate this actor?" });
  await expect(dialog).toContainText("its state is written down and leaves memory");
  await accessible(page);
  await pictured(page, "operators-passivate");
  await dialog.getByRole("button", { name: "Passivate", exact: true }).click();
  await expect(page.getByText("It was sent to sleep at")).toBeVisible();
  await page.getByRole("link", { name: "Sessions", exact: true }).last().click();
  await expect(actorRow(page, "Invoice export")).toContainText("asleep");
  await page.getByRole("link", { name: "Invoice export" }).click();
  await expect(page.getByText("it was asleep until this look")).toBeVisible();
  await page.getByRole("button", { name: "Wake…" }).click();
  await expect(page.getByRole("dialog")).toContainText("nothing is due");
  await page.getByRole("button", { name: "Wake", exact: true }).click();
  await expect(page.getByRole("dialog")).toBeHidden();
  await expect(page.getByText("it was awake")).toBeVisible();
});

test("a runner is drained, and resumed", async ({ signedIn: page }) => {
  await page.goto("/operators?tab=runners");
  const runner = page.getByRole("listitem", { name: /^Runner / });
  await expect(runner).toContainText("free");
  await expect(runner).toContainText("scripted");
  await accessible(page);
  await pictured(page, "operators-runners");
  await runner.getByRole("button", { name: /^Drain/ }).click();
  await expect(runner).toContainText("draining");
  await runner.getByRole("button", { name: /^Resume/ }).click();
  await expect(runner).toContainText("free");
});

test("what is stuck is told with its reason, and the figures move with the news", async ({ signedIn: page, stage }) => {
  const { id } = (await stage.api("POST", "/api/sessions", { title: "Red build" })) as Opened;
  await stage.api("POST", `/api/sessions/${id}/prompts`, { text: "Watch the build" });
  const run = (await stage.api("POST", "/api/executions", { definition: gate })) as { execution: string };
  await page.goto("/operators?tab=stuck");
  await expect(async () => {
    await page.getByRole("button", { name: "Look again" }).click();
    await expect(page.getByText("the agent asks: The build has been red for an hour.")).toBeVisible({ timeout: 2_000 });
  }).toPass();
  await expect(page.getByText('decide "Release 1.4.2 to production?"').first()).toBeVisible();
  await accessible(page);
  await pictured(page, "operators-stuck");
  await page.getByRole("tab", { name: "Writer & store" }).click();
  await expect(page.getByText(/^Look 1, at/)).toBeVisible();
  await expect(page.getByText("It can be written.")).toBeVisible();
  // News lead to a look, and nothing else does but a click.
  await stage.api("POST", `/api/executions/${run.execution}/cancel`, { reason: "told" });
  await expect(page.getByText(/^Look 2, at/)).toBeVisible();
  await page.getByRole("button", { name: "Look again" }).click();
  await expect(page.getByText(/^Look 3, at/)).toBeVisible();
  await accessible(page);
  await pictured(page, "operators-server");
});

test("sandboxes, connectors and the audit say what there is", async ({ signedIn: page, stage }) => {
  await stage.api("PUT", "/api/budgets/owner", { allowance: { turns: 500 }, every: "day" });
  await page.goto("/operators?tab=sandboxes");
  await expect(page.getByText("No session has a sandbox of its own")).toBeVisible();
  await accessible(page);
  await pictured(page, "operators-sandboxes");
  await page.getByRole("tab", { name: "Connectors" }).click();
  await expect(page.getByRole("tabpanel", { name: "Connectors" })).toContainText(/You have no connectors|Health is what this server has seen/);
  await page.getByRole("tab", { name: "Audit" }).click();
  await page.getByLabel("Which log").selectOption("budgets");
  await expect(page.getByText("the budget of owner is")).toBeVisible();
  await accessible(page);
  await pictured(page, "operators-audit");
  await stage.api("DELETE", "/api/budgets/owner");
});

test("who is no administrator is told so, and sees no way there", async ({ browser, stage }) => {
  await stage.api("POST", "/api/users", { name: "ann", admin: false });
  const { secret } = (await stage.api("POST", "/api/tokens", { name: "ann's laptop", role: "user", user: "ann" })) as { secret: string };
  const context = await browser.newContext({ baseURL: stage.url });
  await context.addInitScript((token) => localStorage.setItem("tenure.token", token), secret);
  const page = await context.newPage();
  await page.goto("/operators");
  await expect(page.getByText("This is for administrators")).toBeVisible();
  await expect(page.getByText("You are signed in as ann, with a token of the role user.")).toBeVisible();
  await expect(page.getByRole("navigation").getByRole("link", { name: "Sessions" })).toBeVisible();
  await expect(page.getByRole("link", { name: "Operators" })).toHaveCount(0);
  await accessible(page);
  await pictured(page, "operators-refused");
  await context.close();
});
