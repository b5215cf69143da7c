import type { Page } from "@playwright/test";
import { accessible, expect, pictured, signIn, test } from "./kit";
import type { Stage } from "./stage";

async function newSession(stage: Stage, title: string): Promise<string> {
  return ((await stage.api("POST", "/api/sessions", { title })) as { id: string }).id;
}

const box = (page: Page) => page.getByRole("textbox", { name: "What the agent should do" });
const transcript = (page: Page) => page.getByRole("region", { name: "Transcript" });

async function say(page: Page, text: string): Promise<void> {
  await box(page).fill(text);
  await box(page).press("Enter");
}

interface Part {
  type: string;
  text?: string;
}

/** The agent's words as the server has them. */
async function told(stage: Stage, session: string): Promise<string[]> {
  const page = (await stage.api("GET", `/api/sessions/${session}/messages?limit=50`)) as { items: { role: string; parts: Part[] }[] };
  return page.items
    .filter((message) => message.role === "assistant")
    .map((message) => message.parts.flatMap((part) => (part.type === "text" ? [part.text ?? ""] : [])).join(""))
    .reverse();
}

const bare = (text: string) => text.replace(/\s+/g, "");

test("a prompt is answered before one's eyes, with thoughts, changes and commands", async ({ signedIn: page, stage }) => {
  await page.goto("/sessions");
  await page.getByRole("button", { name: "New session" }).click();
  await accessible(page);
  await pictured(page, "chat-new");
  await page.getByRole("button", { name: "Open", exact: true }).click();
  await expect(page.getByText("Nothing was said here yet")).toBeVisible();
  await say(page, "The rate limiter lets one too many through. Please mend it.");
  await expect(page.getByRole("article", { name: "Message of admin" })).toContainText("one too many");
  await expect(page.getByRole("heading", { name: "Mend the rate limiter" })).toBeVisible();
  const answer = page.getByRole("article", { name: /^Answer of/ });
  await expect(answer.getByText("Shall I write one for the edge")).toBeVisible();
  await expect(answer).toHaveAttribute("aria-busy", "false");
  await expect(answer.getByRole("region", { name: "shell: wc -l limiter.py" })).toContainText("exit 0");
  await expect(answer.getByRole("region", { name: "edit: edit limiter.py" })).toContainText("if len(self.hits) >= self.limit:");
  await expect(answer.getByText("4.2K in, 386 out tokens")).toBeVisible();
  await page.getByRole("button", { name: "Thoughts" }).click();
  await expect(answer.getByText("I look at the file first")).toBeVisible();
  await page.getByRole("button", { name: "Thoughts" }).click();
  await expect(page.getByRole("navigation", { name: "Sessions" }).getByText("Mend the rate limiter")).toBeVisible();
  await accessible(page);
  await pictured(page, "chat-answer");
  await page.getByRole("button", { name: "Workspace" }).click();
  await expect(page.getByRole("complementary", { name: "Workspace" })).toContainText("limiter.py");
  await accessible(page);
  await pictured(page, "chat-workspace");
  const session = page.url().split("/").at(-1) ?? "";
  expect(bare((await told(stage, session)).join(""))).toContain("Shalliwriteonefortheedge".replace("i", "I"));
});
