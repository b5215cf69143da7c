import { accessible, expect, pictured, test } from "./kit";

test("a person signs in with a token, and out again", async ({ page, stage }) => {
  await page.goto(stage.url);
  await page.getByLabel("Token").fill("tenure_wrong");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("alert")).toContainText("unauthorized");
  await accessible(page);
  await pictured(page, "sign-in");
  await page.getByLabel("Token").fill(stage.token);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page).toHaveURL(/\/sessions$/);
  await expect(page.getByRole("link", { name: "Operators" })).toBeVisible();
  await page.getByRole("link", { name: "admin" }).click();
  await accessible(page);
  await pictured(page, "account");
});
