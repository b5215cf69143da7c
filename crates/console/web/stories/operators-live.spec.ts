import type { Page } from "@playwright/test";
import { accessible, expect, pictured, test } from "./kit";

interface Opened {
  id: string;
}

const actorRow = (page: Page, name: string) => page.getByRole("row").filter({ hasText: name });

test("actors that wake, move on and go to sleep change in place, new ones come on top", async ({ signedIn: page, stage }) => {
  const { id } = (await stage.api("POST", "/api/sessions", { title: "Nightly import" })) as Opened;
  await page.goto("/operators");
  await expect(page.getByText("Live: what wakes, sleeps or moves on changes here")).toBeVisible();
  await expect(actorRow(page, "Nightly import")).toBeVisible();

  const fresh = (await stage.api("POST", "/api/sessions", { title: "Refund export" })) as Opened;
  const top = page.getByRole("row").nth(1);
  await expect(top).toContainText("Refund export");
  await expect(top).toContainText("new here");
  await expect(top).toContainText("awake");
  await expect(top).toContainText("record 1");

  await stage.api("PATCH", `/api/sessions/${id}`, { title: "Nightly import, again" });
  await expect(actorRow(page, "Nightly import, again")).toContainText("record 2");
  await stage.api("POST", `/admin/entities/session/${id}/passivate?dry_run=false`);
  await expect(actorRow(page, "Nightly import, again")).toContainText("asleep");
  await accessible(page);
  await pictured(page, "operators-live-actors");
  await stage.api("POST", `/admin/entities/session/${id}/wake?dry_run=false`);
  await expect(actorRow(page, "Nightly import, again")).toContainText("awake");

  // A look takes what is new into the list.
  await page.getByRole("button", { name: "Look again" }).click();
  await expect(page.getByText("new here")).toHaveCount(0);
  await expect(actorRow(page, "Refund export")).toHaveCount(1);
  await stage.api("POST", `/admin/entities/session/${fresh.id}/passivate?dry_run=false`);
  await expect(actorRow(page, "Refund export")).toContainText("asleep");
});

test("the figures of writer and store move by themselves", async ({ signedIn: page, stage }) => {
  await page.goto("/operators?tab=server");
  const position = page.getByRole("img", { name: /^Last position: / });
  await expect(position).toHaveAttribute("aria-label", /in \d+ points/);
  const before = (await position.getAttribute("aria-label")) ?? "";
  const at = (label: string) => Number(/^Last position: (\d+)/.exec(label)?.[1]);
  for (const title of ["Lint", "Typecheck", "Release notes"]) await stage.api("POST", "/api/sessions", { title });
  await expect.poll(async () => at((await position.getAttribute("aria-label")) ?? "")).toBeGreaterThan(at(before));
  await expect(page.getByText("It can be written.")).toBeVisible();
  await accessible(page);
  await pictured(page, "operators-live-figures");
});
