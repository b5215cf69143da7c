import { accessible, expect, pictured, signIn, test } from "./kit";

const gate = `
name: Publish release notes
steps:
  - id: ask
    type: approval
    prompt: Publish the notes of 1.4.2?
`;

test("everything is found by a few letters", async ({ signedIn: page, stage }) => {
  await stage.api("POST", "/api/sessions", { title: "Checkout rewrite" });
  await stage.api("POST", "/api/sessions", { title: "Flaky tests in CI" });
  await stage.api("POST", "/api/executions", { definition: gate });
  await page.goto("/workflows");
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await page.keyboard.press("Control+k");
  const field = page.getByRole("combobox", { name: "Find anything" });
  await expect(field).toBeFocused();
  await expect(page.getByRole("option").first()).toContainText("Publish the notes of 1.4.2?");
  await accessible(page);
  await pictured(page, "palette");
  await field.fill("flak ci");
  await expect(page.getByRole("option")).toHaveCount(1);
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/sessions\/[0-9a-f-]{36}$/);
  await expect(page.getByRole("combobox", { name: "Find anything" })).toBeHidden();
});

test("the palette does things, and walks by the arrow keys", async ({ signedIn: page }) => {
  const palette = page.getByRole("dialog", { name: "Find anything" });
  await page.goto("/runs");
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await page.keyboard.press("Control+k");
  await palette.getByRole("combobox").fill("theme");
  const options = palette.getByRole("option");
  await expect(options).toHaveCount(3);
  await expect(options.nth(0)).toHaveAttribute("aria-selected", "true");
  await page.keyboard.press("ArrowUp");
  await expect(options.nth(2)).toHaveAttribute("aria-selected", "true");
  await palette.getByRole("combobox").fill("theme dark");
  await page.keyboard.press("Enter");
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  await page.keyboard.press("Control+k");
  await palette.getByRole("combobox").fill("qqqqq");
  await expect(page.getByText("Nothing fits.")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(palette.getByRole("combobox")).toBeHidden();
  await page.keyboard.press("Control+k");
  await palette.getByRole("combobox").fill("new session");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/sessions\/[0-9a-f-]{36}$/);
});

test("two keys go to a page, one shows all keys, and none does while one types", async ({ signedIn: page }) => {
  await page.goto("/account");
  await expect(page.getByRole("heading", { level: 1, name: "Account" })).toBeVisible();
  await page.keyboard.press("g");
  await expect(page.getByRole("status").filter({ hasText: "Go to" })).toBeVisible();
  await page.keyboard.press("o");
  await expect(page).toHaveURL(/\/operators/);
  await page.keyboard.press("?");
  const help = page.getByRole("dialog", { name: "Keyboard shortcuts" });
  await expect(help).toContainText("Find anything");
  await accessible(page);
  await pictured(page, "shortcuts");
  // A dialog has the keys for itself.
  await page.keyboard.press("g");
  await page.keyboard.press("r");
  await expect(help).toBeVisible();
  await expect(page).toHaveURL(/\/operators/);
  await page.keyboard.press("Escape");
  await expect(help).toBeHidden();
  await page.goto("/account?tab=tokens");
  await page.getByRole("button", { name: "Issue a token" }).click();
  const field = page.getByLabel("What it is for");
  await field.fill("");
  await field.pressSequentially("g?r");
  await expect(field).toHaveValue("g?r");
  await expect(page).toHaveURL(/\/account/);
  await page.goto("/sessions");
  const search = page.getByRole("searchbox").or(page.getByRole("textbox")).first();
  await search.fill("nightly");
  await search.press("Control+k");
  await expect(page.getByRole("combobox", { name: "Find anything" })).toBeHidden();
  await search.fill("");
  await search.press("Control+k");
  await expect(page.getByRole("combobox", { name: "Find anything" })).toBeFocused();
});

test("the sidebar folds to pictures, and stays so", async ({ signedIn: page }) => {
  await page.goto("/account");
  const sessions = page.getByRole("link", { name: "Sessions" });
  await expect(sessions).toBeVisible();
  const wide = (await sessions.boundingBox())?.width ?? 0;
  await page.keyboard.press("[");
  await expect(page.getByRole("button", { name: "Unfold the sidebar" })).toBeVisible();
  expect((await sessions.boundingBox())?.width ?? wide).toBeLessThan(wide / 2);
  await page.reload();
  await expect(page.getByRole("button", { name: "Unfold the sidebar" })).toBeVisible();
  await accessible(page);
  await pictured(page, "folded");
  await page.getByRole("button", { name: "Unfold the sidebar" }).click();
  await expect(page.getByRole("button", { name: "Fold the sidebar" })).toBeVisible();
});

test("the menu of a narrow screen gives the focus back", async ({ signedIn: page }) => {
  await page.setViewportSize({ width: 375, height: 740 });
  await page.goto("/account");
  const button = page.getByRole("button", { name: "Open the menu" });
  await button.click();
  await expect(page.getByRole("link", { name: "admin" })).toBeFocused();
  await accessible(page);
  await page.screenshot({ path: "screenshots/menu-375-light.png" });
  await page.keyboard.press("Escape");
  await expect(page.getByRole("link", { name: "Runs" })).toBeHidden();
  await expect(button).toBeFocused();
  await button.click();
  await page.getByRole("link", { name: "Runs" }).click();
  await expect(page).toHaveURL(/\/runs$/);
  await expect(page.getByRole("link", { name: "Runs" })).toBeHidden();
});

test("the tab's title counts what waits for a person", async ({ browser, stage }) => {
  const { context, page } = await signIn(browser, stage);
  await page.goto("/account");
  await expect(page).toHaveTitle(/Account · Tenure$/);
  const before = ((await stage.api("GET", "/api/approvals")) as { items: unknown[] }).items.length;
  const run = (await stage.api("POST", "/api/executions", { definition: gate })) as { execution: string };
  await expect(page).toHaveTitle(new RegExp(`^\\(${before + 1}\\) Account · Tenure$`));
  await stage.api("POST", `/api/executions/${run.execution}/cancel`, { reason: "told" });
  await expect(page).toHaveTitle(before === 0 ? "Account · Tenure" : `(${before}) Account · Tenure`);
  await context.close();
});

test.describe("a server that goes away", () => {
  test.use({ stageOptions: {} });

  test("is told, and that it is back", async ({ signedIn: page, stage }) => {
    await page.goto("/account");
    await expect(page.getByRole("link", { name: "Operators" })).toBeVisible();
    await expect(page.getByText("Connecting…")).toBeHidden();
    await stage.killServer();
    await expect(page.getByText("it goes on by itself as soon as the server answers")).toBeVisible();
    await accessible(page);
    await pictured(page, "away");
    await stage.startServer();
    await expect(page.getByRole("navigation").getByText("Connected again")).toBeVisible();
    await expect(page.getByText("it goes on by itself as soon as the server answers")).toBeHidden();
  });
});
