import type { Page } from "@playwright/test";
import { accessible, expect, pictured, startRun, test } from "./kit";
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

test.describe("an agent at work", () => {
  test.use({ stageOptions: { apart: true } });
  test("a prompt is answered before one's eyes, with thoughts, changes and commands", async ({ signedIn: page }) => {
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
    await expect(page.getByRole("navigation", { name: "Sessions" }).getByText("Mend the rate limiter")).toBeVisible();
    await accessible(page);
    await pictured(page, "chat-answer");
    await page.getByRole("button", { name: "Thoughts" }).click();
    await expect(answer.getByText("I look at the file first")).toBeVisible();
    await page.getByRole("button", { name: "Workspace", exact: true }).click();
    const workspace = page.getByRole("complementary", { name: "Workspace" });
    await expect(workspace.getByRole("region", { name: "Changed files" })).toContainText("limiter.py");
    await accessible(page);
    await pictured(page, "chat-workspace");
    await workspace.getByRole("button", { name: "Show the changes" }).click();
    await expect(page.getByRole("dialog")).toContainText("class Limiter:");
    await pictured(page, "chat-diff");
    await page.keyboard.press("Escape");
    await workspace.getByRole("listitem").filter({ hasText: "Before the first turn" }).getByRole("button", { name: "Restore" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Restore" }).click();
    await expect(workspace.getByRole("region", { name: "Changed files" })).toContainText("None.");
  });
});

/** Waits until the agent's words on the screen are those of the transcript, each once. */
async function saidOnce(page: Page, stage: Stage, session: string, end: string): Promise<void> {
  await expect(transcript(page).getByText(end)).toBeVisible({ timeout: 40_000 });
  await expect(page.getByRole("article", { name: /^Answer of/ })).toHaveAttribute("aria-busy", "false");
  const shown = await page.getByRole("article", { name: /^Answer of/ }).locator("p:not([role])").allInnerTexts();
  const [whole] = await told(stage, session);
  expect(bare(shown.join(""))).toBe(bare(whole ?? ""));
}

test("a page that is loaded again in the middle of an answer goes on from the same word", async ({ signedIn: page, stage }) => {
  const session = await newSession(stage, "A long story");
  await page.goto(`/sessions/${session}`);
  await say(page, "Tell me slowly, please.");
  await expect(transcript(page).getByText("Weiter.").nth(1)).toBeVisible();
  await page.reload();
  await expect(transcript(page).getByText("Erst die Größe")).toBeAttached();
  await expect(page.getByRole("article", { name: /^Answer of/ })).toHaveAttribute("aria-busy", "true");
  await saidOnce(page, stage, session, "Ende der Geschichte.");
});

test.describe("a server that is killed", () => {
  test.use({ stageOptions: { pace: 200 } });
  test("and started again in the middle of an answer loses and doubles nothing", async ({ signedIn: page, stage }) => {
    const session = await newSession(stage, "A long story");
    await page.goto(`/sessions/${session}`);
    await say(page, "Tell me slowly, please.");
    await expect(transcript(page).getByText("Weiter.").first()).toBeVisible();
    await stage.killServer();
    await expect(page.getByRole("main").getByText("Reconnecting…")).toBeVisible();
    await say(page, "And what came then?");
    await expect(page.getByRole("region", { name: "Waiting prompts" })).toContainText("And what came then?");
    await pictured(page, "chat-away");
    await stage.startServer();
    await expect(page.getByRole("article", { name: "Message of admin" }).filter({ hasText: "what came then" })).toBeVisible({ timeout: 40_000 });
    await expect(transcript(page).getByText("You said: And what came then?")).toBeVisible();
    const [story, ...others] = await told(stage, session);
    expect(others).toEqual(["You said: And what came then?"]);
    await page.getByRole("button", { name: "To the latest" }).click({ trial: true, timeout: 100 }).catch(() => undefined);
    const shown = await page.getByRole("article", { name: /^Answer of/ }).first().locator("p:not([role])").allInnerTexts();
    expect(bare(shown.join(""))).toBe(bare(story ?? ""));
  });
});

test("two people in one session see the same, and each other", async ({ signedIn: page, stage, browser }) => {
  await stage.api("POST", "/api/users", { name: "bob" });
  const { secret } = (await stage.api("POST", "/api/tokens", { name: "bob's browser", role: "user", user: "bob" })) as { secret: string };
  const session = await newSession(stage, "Plan the release");
  await page.goto(`/sessions/${session}`);
  await page.getByRole("button", { name: "Share" }).click();
  await page.getByLabel("Person").selectOption({ label: "bob" });
  await page.getByRole("dialog").getByRole("button", { name: "Share" }).click();
  await expect(page.getByRole("list", { name: "People" })).toContainText("bob");
  await accessible(page);
  await pictured(page, "chat-share");
  await page.keyboard.press("Escape");
  const context = await browser.newContext({ baseURL: stage.url });
  await context.addInitScript((token) => localStorage.setItem("tenure.token", token), secret);
  const other = await context.newPage();
  await other.goto(`/sessions/${session}`);
  await expect(other.getByRole("list", { name: "Who is here" })).toContainText("admin");
  await expect(page.getByRole("list", { name: "Who is here" })).toContainText("bob");
  await expect(other.getByRole("button", { name: "Share" })).toHaveCount(0);
  await box(other).pressSequentially("What is ");
  await expect(page.getByText("bob is typing…")).toBeVisible();
  await pictured(page, "chat-typing");
  await box(other).pressSequentially("left to do?");
  await box(other).press("Enter");
  for (const one of [page, other]) {
    await expect(one.getByRole("article", { name: "Message of bob" })).toContainText("left to do?");
    await expect(transcript(one).getByText("You said: What is left to do?")).toBeVisible();
  }
  await context.close();
});

test("prompts that wait are changed, moved, taken back, and made to go first", async ({ signedIn: page, stage }) => {
  const session = await newSession(stage, "A busy agent");
  await page.goto(`/sessions/${session}`);
  await say(page, "Take your time with this.");
  await expect(transcript(page).getByText("I take my time.")).toBeVisible();
  const queue = page.getByRole("region", { name: "Waiting prompts" });
  for (const [n, text] of ["First wish", "Second wish", "Third wish"].entries()) {
    await say(page, text);
    await expect(queue.getByRole("listitem")).toHaveCount(n + 1);
  }
  await accessible(page);
  await pictured(page, "chat-queue");
  await queue.getByRole("listitem").nth(0).getByRole("button", { name: "Edit" }).click();
  await page.getByLabel("Text of the waiting prompt").fill("First wish, better said");
  await page.keyboard.press("Enter");
  await expect(queue.getByRole("listitem").nth(0)).toContainText("better said");
  await queue.getByRole("listitem").nth(2).getByRole("button", { name: "Move up" }).click();
  await expect(queue.getByRole("listitem").nth(1)).toContainText("Third wish");
  await queue.getByRole("listitem").nth(1).getByRole("button", { name: "Take it back" }).click();
  await expect(box(page)).toHaveValue("Third wish");
  await expect(queue.getByRole("listitem")).toHaveCount(2);
  await page.reload();
  await expect(box(page)).toHaveValue("Third wish");
  await queue.getByRole("listitem").nth(1).getByRole("button", { name: "Steer with it now" }).click();
  await expect(transcript(page).getByText("You said: Second wish")).toBeVisible();
  await expect(transcript(page).getByText("You said: First wish, better said")).toBeVisible();
  await expect(queue).toHaveCount(0);
});

test("a turn is stopped by Escape, pressed twice", async ({ signedIn: page, stage }) => {
  const session = await newSession(stage, "A busy agent");
  await page.goto(`/sessions/${session}`);
  await say(page, "Take your time with this.");
  await expect(transcript(page).getByText("I take my time.")).toBeVisible();
  await box(page).press("Escape");
  await expect(page.getByText("Press Escape again to stop the turn.")).toBeVisible();
  await box(page).press("Escape");
  await expect(transcript(page).getByText("The turn was ended by a person.")).toBeVisible();
});

test("a question is answered by a click", async ({ signedIn: page, stage }) => {
  const session = await newSession(stage, "Version 2.4");
  await page.goto(`/sessions/${session}`);
  await say(page, "Deploy the new version.");
  const question = page.getByRole("region", { name: "Question of the agent" });
  await expect(question).toContainText("Where should version 2.4 go?");
  await expect(question).toContainText(/\d+ s left/);
  await accessible(page);
  await pictured(page, "chat-question");
  await question.getByRole("button", { name: "staging" }).click();
  await expect(transcript(page).getByText("It goes to staging.")).toBeVisible();
  await expect(question).toHaveCount(0);
});

test("an answer that is hostile runs nothing and loads nothing", async ({ signedIn: page, stage }) => {
  const session = await newSession(stage, "A hostile page");
  const elsewhere: string[] = [];
  page.on("request", (request) => {
    if (!request.url().startsWith(stage.url) && !/^(data|blob):/.test(request.url())) elsewhere.push(request.url());
  });
  await page.goto(`/sessions/${session}`);
  await say(page, "Show me the hostile page.");
  await expect(transcript(page).getByText("The end of it.")).toBeVisible();
  await expect(transcript(page).getByText("<script>window.hacked = 1</script>")).toBeVisible();
  await expect(transcript(page).getByRole("img", { name: "dot" })).toBeVisible();
  await expect(transcript(page).getByRole("link", { name: "remote" })).toBeVisible();
  await transcript(page).getByText("press me").click();
  expect(await page.evaluate(() => (window as { hacked?: number }).hacked)).toBeUndefined();
  expect(elsewhere).toEqual([]);
  await pictured(page, "chat-hostile");
});

test("a turn that fails says why, and is tried again", async ({ signedIn: page, stage }) => {
  const session = await newSession(stage, "A broken model");
  await page.goto(`/sessions/${session}`);
  await say(page, "Please break down.");
  await expect(transcript(page).getByText("the connection was closed").first()).toBeVisible();
  await accessible(page);
  await pictured(page, "chat-failed");
  await transcript(page).getByRole("button", { name: "Try again" }).click();
  await expect(page.getByRole("article", { name: /^Answer of/ })).toHaveCount(2);
});

test("a file goes along with a prompt, and a thread is opened beside", async ({ signedIn: page, stage }) => {
  const session = await newSession(stage, "Notes");
  await page.goto(`/sessions/${session}`);
  await page.getByLabel("Files to attach").setInputFiles({ name: "notes.txt", mimeType: "text/plain", buffer: Buffer.from("milk\nbread\n") });
  await expect(page.getByRole("list", { name: "Files to send" })).toContainText("notes.txt");
  await say(page, "Read these notes.");
  await expect(page.getByRole("article", { name: "Message of admin" }).getByRole("list", { name: "Attachments" })).toContainText("notes.txt");
  await expect(transcript(page).getByText("You said: Read these notes.")).toBeVisible();
  await page.getByRole("button", { name: "Thread" }).click();
  await page.getByLabel("Name").fill("Documentation");
  await page.getByRole("dialog").getByRole("button", { name: "Open" }).click();
  await expect(page.getByRole("tab", { name: "Documentation" })).toHaveAttribute("aria-selected", "true");
  await say(page, "Write the guide.");
  await expect(transcript(page).getByText("You said: Write the guide.")).toBeVisible();
  await expect(transcript(page).getByText("You said: Read these notes.")).toHaveCount(0);
  await accessible(page);
  await pictured(page, "chat-threads");
  await page.getByRole("tab", { name: "Main" }).click();
  await expect(transcript(page).getByText("You said: Read these notes.")).toBeVisible();
  await expect(transcript(page).getByText("You said: Write the guide.")).toHaveCount(0);
});

test("what changed elsewhere is marked as unread, and found by its title", async ({ signedIn: page, stage }) => {
  const one = await newSession(stage, "Translate the handbook");
  const other = await newSession(stage, "Compare the tariff tables");
  await page.goto(`/sessions/${one}`);
  const list = page.getByRole("navigation", { name: "Sessions" });
  const row = list.getByRole("link").filter({ hasText: "Compare the tariff tables" });
  await expect(row).toBeVisible();
  await stage.api("POST", `/api/sessions/${other}/prompts`, { text: "Are they all there?" });
  await expect(row.getByRole("img", { name: "unread" })).toBeVisible();
  await row.click();
  await expect(transcript(page).getByText("You said: Are they all there?")).toBeVisible();
  await list.getByRole("link").filter({ hasText: "Translate the handbook" }).click();
  await expect(page.getByText("Nothing was said here yet")).toBeVisible();
  await expect(row.getByRole("img", { name: "unread" })).toHaveCount(0);
  await page.getByRole("searchbox", { name: "Search in titles" }).fill("tariff");
  await expect(list.getByRole("link")).toHaveCount(1);
  await page.getByRole("button", { name: "Change the title" }).click();
  await page.getByRole("textbox", { name: "Title" }).fill("Translate the guide");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Translate the guide" })).toBeVisible();
  await page.setViewportSize({ width: 375, height: 740 });
  await page.getByRole("link", { name: "All sessions" }).click();
  await page.getByRole("searchbox", { name: "Search in titles" }).fill("");
  await expect(list.getByRole("link").filter({ hasText: "Translate the guide" })).toBeVisible();
  await accessible(page);
  await pictured(page, "chat-list");
});

test("an output that is too long to be told is read from the runner", async ({ signedIn: page, stage }) => {
  const definition = "name: Count far\nversion: 1.0.0\nsteps:\n  - {id: count, type: bash, command: seq 1 20000}\n";
  const { session } = await startRun(stage, definition);
  await page.goto(`/sessions/${session ?? ""}`);
  const whole = page.getByRole("region", { name: "All of the output" });
  await page.getByRole("button", { name: "Read all of the output" }).click();
  await expect(whole).toContainText("1\n2\n3\n");
  const on = page.getByRole("button", { name: "Read on" });
  await expect(async () => {
    // It is gone once there is no more, and not to be pressed while a piece is on its way.
    await on.click({ timeout: 500 }).catch(() => undefined);
    await expect(whole).toContainText("19999\n20000", { timeout: 200 });
  }).toPass({ timeout: 40_000 });
});
