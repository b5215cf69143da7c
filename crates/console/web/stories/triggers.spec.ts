import { createHmac } from "node:crypto";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { accessible, expect, pictured, test } from "./kit";
import type { Stage } from "./stage";

const example = (path: string) => readFile(fileURLToPath(new URL(`../../../../examples/${path}`, import.meta.url)), "utf8");

interface Saved {
  id: string;
  address: { path: string };
  secret: string;
}

const save = async (stage: Stage, text: string) => (await stage.api("POST", "/api/triggers/sync", text)) as Saved;

const GREET = `
name: Greet
slug: greet
inputs:
  who: {type: string, default: you, description: Who is greeted.}
steps:
  - {id: say, type: bash, command: "echo hello {{ inputs.who }}"}
`;

test.beforeAll(async ({ shared }) => {
  await shared.api("POST", "/api/workflows/sync", GREET);
  for (const name of ["nightly-dependency-report", "incident-triage", "pull-request-review"]) {
    await shared.api("POST", "/api/workflows/sync", await example(`workflows/${name}.yaml`));
  }
  for (const name of ["nightly-dependencies", "review-pull-requests"]) await save(shared, await example(`triggers/${name}.yaml`));
});

test("a schedule is written with its next times beside it, seen in words, switched off and changed", async ({ signedIn: page }) => {
  await page.goto("/triggers");
  await page.getByRole("button", { name: "New", exact: true }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name", { exact: true }).fill("Morning greeting");
  await dialog.getByLabel("Workflow", { exact: true }).selectOption("greet");
  await dialog.getByLabel("who").fill("the team");
  const cron = dialog.getByLabel("Schedule", { exact: true });
  await cron.fill("0 25 * * *");
  await expect(dialog.getByText("The hour says `25`; it is a number from 0 to 23")).toBeVisible();
  await expect(cron).toHaveAttribute("aria-invalid", "true");
  await accessible(page);
  await pictured(page, "triggers-new-wrong");
  await cron.fill("30 2 * * *");
  await dialog.getByLabel("Time zone").fill("Europe/Berlin");
  const preview = dialog.getByRole("region", { name: "Preview" });
  await expect(preview).toContainText("Runs greet at 02:30 (Europe/Berlin)");
  await expect(preview.getByRole("listitem")).toHaveCount(8);
  await dialog.getByText("More", { exact: true }).click();
  await dialog.getByLabel("Not before (UTC)").fill("2027-03-26T00:00");
  await expect(preview.getByRole("listitem").filter({ hasText: "2027-03-28 03:00" })).toContainText("gap");
  await pictured(page, "triggers-new");
  await dialog.getByLabel("Not before (UTC)").fill("");
  await expect(preview).not.toContainText("gap");
  await dialog.getByRole("button", { name: "Create" }).click();
  await expect(page.getByRole("heading", { name: "Morning greeting" })).toBeVisible();
  await expect(page.getByText("Runs greet at 02:30 (Europe/Berlin).")).toBeVisible();
  await page.goto("/triggers");
  const card = page.getByRole("article", { name: "Morning greeting" });
  await expect(card.getByRole("list", { name: "Next times of Morning greeting" }).getByRole("listitem")).toHaveCount(3);
  await card.getByRole("switch").click();
  await expect(card.getByText("off", { exact: true })).toBeVisible();
  await accessible(page);
  await pictured(page, "triggers-list");
  await card.getByRole("button", { name: "Edit" }).click();
  await cron.fill("0 8 * * mon-fri");
  await expect(preview).toContainText("at 08:00 on weekdays");
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(card).toContainText("Runs greet at 08:00 on weekdays (Europe/Berlin)");
  await expect(card.getByText("off", { exact: true })).toBeVisible();
  await card.getByRole("button", { name: "Run now" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Run now" }).click();
  await expect(card.getByText("completed")).toBeVisible();
});

test("a definition is read back as YAML, and what is taken out of it is cleared", async ({ signedIn: page, stage }) => {
  const { id } = await save(stage, "name: Weekly digest\ntype: schedule\ncron: 0 16 * * fri\ntimezone: Europe/Berlin\njitter: 10m\nprompt: What did we ship this week?\n");
  await page.goto(`/triggers/${id}`);
  await expect(page.getByText("Spread over")).toBeVisible();
  await page.getByRole("button", { name: "Edit" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("tab", { name: "YAML" }).click();
  const yaml = dialog.getByLabel("Definition");
  await expect(yaml).toHaveValue(/jitter_ms: 600000/);
  await yaml.fill((await yaml.inputValue()).replace("jitter_ms: 600000\n", ""));
  await accessible(page);
  await pictured(page, "triggers-yaml");
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Spread over")).toBeHidden();
  await page.getByRole("tab", { name: "History" }).click();
  await expect(page.getByText("jitter_ms")).toBeVisible();
  await pictured(page, "triggers-history");
});

test("a webhook shows its secret once, and every delivery says what became of it and can be replayed", async ({ signedIn: page, stage }) => {
  await page.goto("/triggers");
  await page.getByRole("button", { name: "New", exact: true }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("Webhook", { exact: true }).click();
  await dialog.getByLabel("Name", { exact: true }).fill("Deploy hook");
  await dialog.getByLabel("Signature", { exact: true }).selectOption("hmac");
  await dialog.getByLabel("Workflow", { exact: true }).selectOption("greet");
  await dialog.getByRole("button", { name: "Add an input" }).click();
  await dialog.getByLabel("Name of input 1").fill("who");
  await dialog.getByLabel("Path of input 1").fill("$.pusher.name");
  await dialog.getByRole("button", { name: "Create" }).click();
  await expect(dialog.getByText("This is shown now and nowhere again.")).toBeVisible();
  await accessible(page);
  await pictured(page, "triggers-secret");
  const secret = (await dialog.getByLabel("Secret", { exact: true }).textContent()) ?? "";
  const address = (await dialog.getByLabel("Address", { exact: true }).textContent()) ?? "";
  await dialog.getByRole("button", { name: "I have the secret" }).click();
  await page.getByRole("tab", { name: "Deliveries" }).click();
  const body = JSON.stringify({ ref: "refs/heads/main", pusher: { name: "ann" } });
  const signature = createHmac("sha256", secret).update(body).digest("hex");
  const delivered = await fetch(new URL(new URL(address).pathname, stage.url), {
    method: "POST",
    headers: { "content-type": "application/json", "x-webhook-signature": signature },
    body,
  });
  expect(delivered.status).toBe(202);
  const list = page.getByRole("list", { name: "Deliveries" });
  await expect(list.getByRole("listitem")).toHaveCount(1);
  await expect(list.getByText("completed")).toBeVisible();
  await list.getByRole("button", { name: "What it was made of" }).click();
  await expect(list.getByText('"refs/heads/main"')).toBeVisible();
  await page.getByRole("button", { name: "Why?" }).click();
  await expect(page.getByText("fired", { exact: true })).toBeVisible();
  await accessible(page);
  await pictured(page, "triggers-deliveries");
  await list.getByRole("button", { name: "Replay" }).click();
  await expect(list.getByRole("listitem")).toHaveCount(2);
  await expect(list.getByText("replayed by admin")).toBeVisible();
  await page.getByRole("tab", { name: "Test" }).click();
  await page.getByLabel("Payload, as JSON").fill('{"pusher": {"name": "eve"}}');
  await page.getByRole("tabpanel").getByRole("button", { name: "Test" }).click();
  await expect(page.getByText("it would fire")).toBeVisible();
  await expect(page.getByText('"eve"', { exact: true })).toBeVisible();
  await accessible(page);
  await pictured(page, "triggers-test");
  await page.getByRole("tab", { name: "Overview" }).click();
  await page.getByRole("button", { name: "New secret" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Replace" }).click();
  const fresh = await page.getByRole("dialog").getByLabel("Secret", { exact: true }).textContent();
  expect(fresh).not.toBe(secret);
  await page.getByRole("dialog").getByRole("button", { name: "I have the secret" }).click();
  await expect(page.getByText("The address from before stays good until")).toBeVisible();
  await accessible(page);
  await pictured(page, "triggers-webhook");
});

test("a range of times is looked at before it is made up for, and a trigger is paused, renamed and deleted", async ({ signedIn: page, stage }) => {
  const { id } = await save(stage, "name: Hourly greeting\ntype: schedule\ncron: 0 * * * *\noverlap: allow\nworkflow: greet\n");
  await page.goto(`/triggers/${id}?tab=backfill`);
  const at = (hours: number) => new Date(Math.floor(Date.now() / 3_600_000) * 3_600_000 - hours * 3_600_000).toISOString().slice(0, 16);
  await page.getByLabel("From (UTC)").fill(at(3));
  await page.getByLabel("To (UTC)").fill(at(1));
  await page.getByRole("button", { name: "What would start?" }).click();
  await expect(page.getByRole("list", { name: "Times of the range" }).getByRole("listitem")).toHaveCount(3);
  await accessible(page);
  await pictured(page, "triggers-backfill");
  await page.getByRole("button", { name: "Start all 3" }).click();
  await page.getByRole("tab", { name: "Deliveries" }).click();
  await expect(page.getByText("made up for")).toHaveCount(3);
  await page.getByRole("button", { name: "Pause" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Pause" }).click();
  await expect(page.getByText("paused until")).toBeVisible();
  await page.getByRole("button", { name: "Rename" }).click();
  await page.getByRole("dialog").getByLabel("Name").fill("Greeting");
  await page.getByRole("dialog").getByRole("button", { name: "Rename" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Greeting" })).toBeVisible();
  await page.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await expect(page).toHaveURL(/\/triggers$/);
  await expect(page.getByRole("article", { name: "Greeting", exact: true })).toBeHidden();
  await page.goto(`/triggers/${id}`);
  await expect(page.getByText("This trigger was deleted")).toBeVisible();
  await expect(page.getByText("made up for")).toHaveCount(3);
});
