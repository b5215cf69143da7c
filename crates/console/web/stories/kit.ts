// What every story needs: a stage, a browser that is signed in, a look at how it is for those who do not see, and pictures.
import AxeBuilder from "@axe-core/playwright";
import type { Browser, BrowserContext, Page } from "@playwright/test";
import { test as base, expect } from "@playwright/test";
import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { StageOptions } from "./stage";
import { Stage } from "./stage";

interface Shared {
  /** One server and runner for all stories of a worker that do not harm them. */
  shared: Stage;
}

interface Own {
  stage: Stage;
  /** How the stage is set. With options, or where servers are killed, a story gets one of its own. */
  stageOptions: StageOptions | null;
  signedIn: Page;
}

export const test = base.extend<Own, Shared>({
  shared: [
    async ({}, use) => {
      const stage = await Stage.set();
      await use(stage);
      await stage.strike();
    },
    { scope: "worker", timeout: 120_000 },
  ],
  stageOptions: [null, { option: true }],
  stage: async ({ shared, stageOptions }, use) => {
    if (stageOptions === null) return use(shared);
    const stage = await Stage.set(stageOptions);
    await use(stage);
    await stage.strike();
  },
  // A page whose browser knows the administrator's token. What the page complains about fails the story.
  signedIn: async ({ stage, browser }, use) => {
    const { context, page, complaints } = await signIn(browser, stage);
    await use(page);
    await context.close();
    expect(complaints, "what the page complained about").toEqual([]);
  },
});

export { expect };

/** Opens one more browser that is signed in. */
export async function signIn(browser: Browser, stage: Stage): Promise<{ context: BrowserContext; page: Page; complaints: string[] }> {
  const context = await browser.newContext({ baseURL: stage.url });
  const token = stage.token;
  await context.addInitScript((secret) => localStorage.setItem("tenure.token", secret), token);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => {
    // A server that is away is told by the browser, too; what breaks the page's policy is not to happen at all.
    if (message.type() === "error" && /Content Security Policy|Warning|React|Uncaught/.test(message.text())) complaints.push(message.text());
  });
  return { context, page, complaints };
}

/** Shows the page in a theme, and not on the way there: colours that are changing are nobody's choice. */
async function paint(page: Page, theme: string): Promise<void> {
  await page.evaluate((chosen) => {
    document.documentElement.dataset.theme = chosen;
    for (const animation of document.getAnimations()) {
      if (animation.effect?.getComputedTiming().endTime !== Infinity) animation.finish();
    }
  }, theme);
}

/** Checks that nothing serious stands in the way of those who use the page differently. */
export async function accessible(page: Page): Promise<void> {
  for (const theme of ["light", "dark"]) {
    await paint(page, theme);
    const { violations } = await new AxeBuilder({ page }).analyze();
    const serious = violations.filter((one) => one.impact === "serious" || one.impact === "critical");
    expect(serious.map((one) => `${one.id} (${theme}): ${one.nodes.map((node) => `${node.target.join(" ")} ${node.failureSummary ?? ""}`).join("; ")}`)).toEqual([]);
  }
}

const pictures = fileURLToPath(new URL("../screenshots", import.meta.url));

/** Takes pictures of the page, light and dark, wide and narrow, and checks that nothing sticks out of the narrow one. */
export async function pictured(page: Page, name: string): Promise<void> {
  await mkdir(pictures, { recursive: true });
  const before = page.viewportSize();
  for (const [width, height] of [[1280, 800], [375, 740]] as const) {
    await page.setViewportSize({ width, height });
    for (const theme of ["light", "dark"]) {
      await paint(page, theme);
      await page.screenshot({ path: `${pictures}/${name}-${width}-${theme}.png`, animations: "disabled" });
    }
    const wider = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(wider, `pixels by which the page is wider than ${width}`).toBeLessThanOrEqual(0);
  }
  if (before !== null) await page.setViewportSize(before);
}

/** Runs a definition, and returns the run's id. */
export async function startRun(stage: Stage, definition: string, inputs: Record<string, unknown> = {}): Promise<{ execution: string; session?: string }> {
  return (await stage.api("POST", "/api/executions", { definition, inputs })) as { execution: string; session?: string };
}
