import type { AddressInfo } from "node:net";
import { createServer } from "node:http";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { accessible, expect, pictured, signIn, test } from "./kit";

test("an address with a code signs a browser in once, with a token of its own that ends with signing out", async ({ browser, stage }) => {
  const args = ["console", "--json", "--server", stage.url, "--token", stage.token];
  const printed = await promisify(execFile)(String(process.env.TENURE_BINARY), args);
  const { address } = JSON.parse(printed.stdout) as { address: string };
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(address);
  await expect(page).toHaveURL(`${stage.url}/sessions`);
  await page.getByRole("link", { name: "admin" }).click();
  await expect(page.getByText("This browser has a token of its own")).toBeVisible();

  // Another one is let in from here.
  await page.getByRole("button", { name: "Sign in another browser" }).click();
  const invited = await page.getByLabel("Address", { exact: true }).innerText();
  await accessible(page);
  await pictured(page, "account-invite");
  const other = await browser.newContext();
  const guest = await other.newPage();
  await guest.goto(invited);
  await expect(guest.getByRole("link", { name: "admin" })).toBeVisible();
  await other.close();
  await page.getByRole("dialog").getByRole("button", { name: "Close" }).last().click();

  const token = await page.evaluate(() => localStorage.getItem("tenure.token"));
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByRole("heading", { name: "Sign in to Tenure" })).toBeVisible();
  const me = await fetch(`${stage.url}/api/me`, { headers: { authorization: `Bearer ${token}` } });
  expect(me.status).toBe(401);
  await context.close();
});

test("a code that is used up is said to be, and throws nobody out", async ({ browser, stage }) => {
  const { code } = (await stage.api("POST", "/api/sign-in/codes")) as { code: string };
  const once = await fetch(`${stage.url}/api/sign-in`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ code }) });
  expect(once.status).toBe(201);
  const context = await browser.newContext();
  const outside = await context.newPage();
  await outside.goto(`${stage.url}/#sign-in=${code}`);
  await expect(outside.getByRole("alert")).toContainText("The code is unknown, used or too old");
  await context.close();
  const inside = await signIn(browser, stage);
  await inside.page.goto(`${stage.url}/account#sign-in=${code}`);
  await expect(inside.page.getByRole("alert")).toContainText("The code is unknown, used or too old");
  await expect(inside.page.getByRole("heading", { level: 1, name: "Account" })).toBeVisible();
  await expect(inside.page).toHaveURL(`${stage.url}/account`);
  await inside.context.close();
});

test("a token is issued, used by another browser, and revoked: that browser is at the door", async ({ signedIn: page, browser, stage }) => {
  await page.goto("/account?tab=tokens");
  await page.getByRole("button", { name: "Issue a token" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("What it is for").fill("Tablet in the kitchen");
  await dialog.getByLabel("When it ends").selectOption("week");
  await accessible(page);
  await pictured(page, "account-issue");
  await dialog.getByRole("button", { name: "Issue" }).click();
  const secret = await page.getByLabel("Secret", { exact: true }).innerText();
  expect(secret).toMatch(/^tenure_[0-9a-f]+$/);
  await accessible(page);
  await page.getByRole("button", { name: "I have kept it" }).click();
  await expect(page.getByText(secret)).toHaveCount(0);

  const context = await browser.newContext({ baseURL: stage.url });
  const other = await context.newPage();
  await other.goto("/account");
  await other.getByLabel("Token").fill(secret);
  await other.getByRole("button", { name: "Sign in" }).click();
  await expect(other.getByRole("heading", { level: 1, name: "Account" })).toBeVisible();
  await expect(other.getByRole("main").getByText("admin").first()).toBeVisible();

  const row = page.getByRole("row").filter({ hasText: "Tablet in the kitchen" });
  await expect(row).toContainText("in 7 d");
  await pictured(page, "account-tokens");
  await row.getByRole("button", { name: "Revoke Tablet in the kitchen" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Revoke" }).click();
  await expect(row).toHaveCount(0);
  await expect(other.getByRole("heading", { name: "Sign in to Tenure" })).toBeVisible();
  await page.getByLabel("Show ended ones").check();
  await expect(row).toContainText("revoked");
  await context.close();
});

test("a token for a pool of runners says so", async ({ signedIn: page }) => {
  await page.goto("/account?tab=tokens");
  await page.getByRole("button", { name: "Issue a token" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("What it is for").fill("Build machines");
  await dialog.getByLabel("What it may do").selectOption("runner");
  await dialog.getByLabel("Which runners it connects").selectOption("pool");
  await dialog.getByLabel("Pool").fill("builders");
  await dialog.getByRole("button", { name: "Issue" }).click();
  await expect(page.getByLabel("Secret", { exact: true })).toHaveText(/^tenure_runner_/);
  await page.getByRole("button", { name: "I have kept it" }).click();
  await expect(page.getByRole("row").filter({ hasText: "Build machines" })).toContainText("pool builders");
});

test("people are added, and personas kept, changed and removed", async ({ signedIn: page }) => {
  await page.goto("/account?tab=people");
  await page.getByRole("button", { name: "Add a person" }).click();
  await page.getByLabel("Name").fill("Grace");
  await page.getByRole("dialog").getByRole("button", { name: "Add" }).click();
  const row = page.getByRole("row").filter({ hasText: "Grace" });
  await expect(row).toContainText("user");
  await accessible(page);
  await pictured(page, "account-people");
  await row.getByRole("button", { name: "Token for Grace" }).click();
  await expect(page.getByLabel("For whom")).toHaveValue("Grace");
  await page.keyboard.press("Escape");

  await page.getByRole("tab", { name: "Personas" }).click();
  await page.getByRole("button", { name: "New persona" }).click();
  await page.getByLabel("Name").fill("reviewer");
  await page.getByLabel("Instructions").fill("You review changes. Be brief, name the line, and say what would be better.");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("You review changes.")).toBeVisible();
  await accessible(page);
  await pictured(page, "account-personas");
  await page.getByRole("button", { name: "Edit reviewer" }).click();
  await page.getByLabel("Instructions").fill("You review changes, tests first.");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("You review changes, tests first.")).toBeVisible();
  await page.getByRole("button", { name: "Remove reviewer" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
  await expect(page.getByText("You have no personas")).toBeVisible();
});

test.describe("where connectors may lead to this machine", () => {
  test.use({ stageOptions: { env: { TENURE_SERVER_CONNECTOR_PRIVATE_ADDRESSES: "true" } } });

  test("one is registered, checked, its changed tool accepted, and it is removed", async ({ signedIn: page }) => {
    const server = mcp();
    const port = await server.listening;
    await page.goto("/account?tab=connectors");
    await page.getByRole("button", { name: "New connector" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Name", { exact: true }).fill("tracker");
    await dialog.getByLabel("Address").fill(`http://127.0.0.1:${port}/mcp`);
    await dialog.getByRole("button", { name: "Add a header" }).click();
    await dialog.getByLabel("Name of header 1").fill("authorization");
    await dialog.getByLabel("Value of header 1").fill("Bearer 12345");
    await accessible(page);
    await pictured(page, "account-connector");
    await dialog.getByRole("button", { name: "Save" }).click();
    await expect(page.getByText("signs in with authorization (sealed)")).toBeVisible();
    await page.getByRole("button", { name: "Check tracker" }).click();
    await expect(dialog.getByText("Finds issues by words")).toBeVisible();
    await dialog.getByRole("button", { name: "Close" }).last().click();
    await expect(page.getByRole("listitem").filter({ hasText: "tracker" })).toContainText("up");
    expect(server.seen).toContain("Bearer 12345");

    server.about = "Finds issues by words, also closed ones";
    await page.getByRole("button", { name: "Check tracker" }).click();
    await expect(dialog.getByText("changed", { exact: true })).toBeVisible();
    await accessible(page);
    await pictured(page, "account-check");
    await dialog.getByRole("button", { name: "Accept find_issues" }).click();
    await expect(dialog.getByText("changed", { exact: true })).toBeHidden();
    await dialog.getByRole("button", { name: "Close" }).last().click();
    await pictured(page, "account-connectors");
    await page.getByRole("button", { name: "Switch tracker off" }).click();
    await expect(page.getByText("switched off")).toBeVisible();
    await page.getByRole("button", { name: "Remove tracker" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
    await expect(page.getByText("You have no connectors")).toBeVisible();
    server.end();
  });
});

test("the theme is chosen, and stays", async ({ signedIn: page }) => {
  await page.goto("/account");
  await page.getByText("Dark", { exact: true }).click();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  await page.reload();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  await expect(page.getByRole("radio", { name: "Dark" })).toBeChecked();
  await page.getByRole("radio", { name: "Dark" }).press("ArrowLeft");
  await expect(page.locator("html")).toHaveAttribute("data-theme", "light");
  await accessible(page);
  await pictured(page, "account-you");
});

/** A server of the Model Context Protocol with one tool, whose description may change. */
function mcp() {
  const state = { about: "Finds issues by words", seen: [] as string[], end: () => server.close(), listening: Promise.resolve(0) };
  const server = createServer((request, response) => {
    state.seen.push(request.headers.authorization ?? "");
    let body = "";
    request.on("data", (piece: Buffer) => (body += piece.toString()));
    request.on("end", () => {
      const asked = (body === "" ? {} : JSON.parse(body)) as { id?: number; method?: string };
      if (request.method !== "POST") return response.writeHead(405).end();
      if (asked.id === undefined) return response.writeHead(202).end();
      const tool = { name: "find_issues", description: state.about, inputSchema: { type: "object", properties: { words: { type: "string" } } } };
      const results: Record<string, unknown> = {
        initialize: { protocolVersion: "2025-06-18", capabilities: { tools: {} }, serverInfo: { name: "Tracker", version: "2.1.0" } },
        "tools/list": { tools: [tool] },
      };
      const result = results[asked.method ?? ""] ?? {};
      return response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ jsonrpc: "2.0", id: asked.id, result }));
    });
  });
  state.listening = new Promise((listening) => server.listen(0, "127.0.0.1", () => listening((server.address() as AddressInfo).port)));
  return state;
}
