// Workflows: found, looked at, compared, brought back, written, described in words, run, and changed by proposals.
import type { Server } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Page } from "@playwright/test";
import { accessible, expect, pictured, test } from "./kit";
import type { Stage, StageOptions } from "./stage";

const RELEASE = (version: string, extra = "") => `name: Release check
description: Says whether a branch is ready for a release, and tags it when a person agrees.
version: ${version}
tags: [release]
constraints: {allow_self_modification: true}
inputs:
  version: {type: string, required: true, description: "The version to tag, like 1.4.0."}
  branch: {type: string, default: main, description: The branch that is to be released.}
  strict: {type: boolean, default: true, description: Whether a warning stops the release.}
timeout: 2d
steps:
  - {id: changes, name: List what changed, type: bash, command: "echo changes in {{ inputs.branch }}", idempotent: true}
  - id: checks
    name: Look at it from two sides
    type: parallel
    branches:
      tests:
        - {id: test, name: Run the tests, type: bash, command: "echo all tests pass", retry: 2}
      review:
        - id: review
          name: Read what is risky
          type: agent_prompt
          prompt: "Review the release {{ inputs.version }}: {{ outputs.changes.stdout }}"
          timeout: 10m
          catch:
            - {id: alone, type: notify, content: "The review failed: {{ error.message }}"}
  - id: each
    name: Look at each package
    type: loop
    over: [api, web, runner]
    item: package
    steps:
      - {id: size, type: bash, command: "echo {{ package }}"}
  - id: ready
    name: Is it ready?
    type: conditional
    condition: outputs.test.exitCode == 0
    then:
      - {id: tag, name: Tag it, type: bash, command: "echo git tag v{{ inputs.version }}${extra}"}
    else:
      - {type: stop, status: failed, reason: The tests fail.}
outputs:
  tagged: "{{ outputs.tag.stdout }}"
`;

const HELLO = `name: Say hello
inputs:
  who: {type: string, required: true, description: Whom it greets.}
  times: {type: integer, default: 2}
steps:
  - {id: greet, type: bash, command: "echo hello {{ inputs.who }}"}
outputs:
  said: "{{ outputs.greet.stdout }}"
`;

const sync = (stage: Stage, text: string) => stage.api("POST", "/api/workflows/sync", text);
const editor = (page: Page) => page.getByRole("textbox", { name: "Definition as YAML" });

test("a workflow is found, its versions are compared, and an earlier one is brought back", async ({ signedIn: page, stage }) => {
  await page.goto("/workflows");
  await expect(page.getByText("There are no workflows yet")).toBeVisible();
  await sync(stage, RELEASE("1.0.0"));
  await sync(stage, HELLO);
  await sync(stage, RELEASE("1.1.0", " --sign"));
  // Nothing was loaded anew: the feed tells of each.
  await expect(page.getByRole("link", { name: "Say hello" })).toBeVisible();
  await page.getByRole("switch", { name: "Say hello may run" }).click();
  await expect(page.getByRole("switch", { name: "Say hello may run" })).not.toBeChecked();
  await accessible(page);
  await pictured(page, "workflows-list");
  await page.getByRole("searchbox", { name: "Find a workflow" }).fill("release");
  await expect(page.getByRole("link", { name: "Say hello" })).toBeHidden();
  await page.getByRole("link", { name: "Release check" }).click();

  const diagram = page.getByRole("group", { name: "Diagram of Release check" });
  await diagram.getByRole("button", { name: /^List what changed/ }).click();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  const step = page.getByRole("region", { name: "Step Read what is risky" });
  await expect(step.getByText("outputs.changes", { exact: true })).toBeVisible();
  await expect(step.getByText("outputs.test", { exact: true })).toBeHidden();
  await accessible(page);
  await pictured(page, "workflows-diagram");
  await page.getByRole("tab", { name: "Definition" }).click();
  await expect(page.getByRole("region", { name: "Code, yaml" })).toContainText("timeout: 2d");

  await page.getByRole("tab", { name: /^Versions/ }).click();
  await expect(page.getByRole("list", { name: "Changes" })).toContainText("steps.tag.command");
  await expect(page.getByRole("region", { name: "What changed" })).toContainText("--sign");
  await accessible(page);
  await pictured(page, "workflows-versions");
  await page.getByRole("button", { name: /^1\.0\.0/ }).click();
  await page.getByRole("button", { name: "Go back to this version" }).click();
  await expect(page.getByRole("dialog").getByRole("list", { name: "Changes" })).toContainText("version");
  await page.getByRole("dialog").getByRole("button", { name: "Go back" }).click();
  await expect(page.getByRole("button", { name: /^1\.0\.0/ })).toContainText("current");
});

test("a run is started with its inputs, and shows up among the runs", async ({ signedIn: page, stage }) => {
  await sync(stage, HELLO);
  await stage.api("POST", "/api/workflows/say-hello/enable");
  await page.goto("/workflows/say-hello");
  await page.getByRole("button", { name: "Run", exact: true }).click();
  const dialog = page.getByRole("dialog", { name: "Run Say hello" });
  await dialog.getByLabel("times").fill("many");
  await dialog.getByRole("button", { name: "Start" }).click();
  await expect(dialog.getByText("The run needs this.")).toBeVisible();
  await expect(dialog.getByText("This is no number.")).toBeVisible();
  await accessible(page);
  await pictured(page, "workflows-run");
  await dialog.getByLabel("who").fill("Ada");
  await dialog.getByLabel("times").fill("3");
  await dialog.getByRole("button", { name: "Start" }).click();
  await expect(page).toHaveURL(/\/runs\//);
  const { inputs } = (await stage.api("GET", `/api/executions/${page.url().split("/").at(-1) ?? ""}`)) as { inputs: unknown };
  expect(inputs).toEqual({ who: "Ada", times: 3 });
  await page.goto("/workflows/say-hello?tab=runs");
  await expect(page.getByRole("list", { name: "Runs" })).toContainText("completed");
  await pictured(page, "workflows-runs");
});

test("a proposal is looked at, approved and applied", async ({ signedIn: page, stage }) => {
  await sync(stage, RELEASE("2.0.0"));
  const { hash } = (await stage.api("GET", "/api/workflows/release-check")) as { hash: string };
  await stage.api("POST", "/api/workflows/release-check/proposals", { base: hash, text: RELEASE("2.1.0", " --sign"), note: "Unsigned tags are refused by the mirror: sign them." });
  await page.goto("/workflows/release-check");
  await page.getByRole("tab", { name: /^Proposals/ }).click();
  await expect(page.getByRole("region", { name: "What changed" })).toContainText("git tag v{{ inputs.version }} --sign");
  await page.getByLabel("Comment").fill("Good: the mirror wants it.");
  await accessible(page);
  await pictured(page, "workflows-proposal");
  await page.getByRole("button", { name: "Approve" }).click();
  await page.getByRole("button", { name: "Apply" }).click();
  await expect(page.getByRole("list", { name: "Proposals" })).toContainText("applied");
  await expect(page.getByText("approved it: Good: the mirror wants it.")).toBeVisible();
  await expect(page.getByText("version 2.1.0", { exact: true })).toBeVisible();
});

test("a mistake is shown at its place and mended, fields are offered, and a new version is saved", async ({ signedIn: page, stage }) => {
  await sync(stage, HELLO);
  await page.goto("/workflows/say-hello/edit");
  await expect(page.getByText("valid", { exact: true })).toBeVisible();
  await page.getByRole("group", { name: "Diagram of the workflow" }).getByRole("button", { name: /^greet/ }).click();
  // The cursor stands at the step now.
  await expect(editor(page)).toBeFocused();
  await page.keyboard.press("End");
  await page.keyboard.press("Enter");
  await page.keyboard.type("comand: ls");
  await expect(page.getByRole("list", { name: "Mistakes" })).toContainText("comand");
  await accessible(page);
  await pictured(page, "workflows-mistake");
  await page.getByRole("list", { name: "Mistakes" }).getByRole("button").first().click();
  await expect(editor(page)).toBeFocused();
  await page.keyboard.press("End");
  for (let n = 0; n < "comand: ls".length; n++) await page.keyboard.press("Backspace");
  await page.keyboard.type("idem");
  await expect(page.getByRole("option", { name: /^idempotent/ })).toBeVisible();
  await pictured(page, "workflows-completion");
  await page.getByRole("option", { name: /^idempotent/ }).click();
  await page.getByRole("option", { name: "true" }).click();
  await expect(editor(page)).toContainText("idempotent: true");
  await expect(page.getByText("valid", { exact: true })).toBeVisible();

  // What was typed survives a reload.
  await page.reload();
  await expect(editor(page)).toContainText("idempotent: true");
  // Somebody else saves meanwhile.
  await sync(stage, HELLO.replace("name: Say hello", "name: Say hello\nversion: 1.5.0"));
  await expect(page.getByText("A newer version was saved meanwhile")).toBeVisible();
  await expect(page.getByText("valid", { exact: true })).toBeVisible();
  await page.getByRole("button", { name: "Save" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByRole("alert")).toContainText("A newer version was saved meanwhile: 1.5.0");
  await expect(dialog.getByRole("region", { name: "What saving changes" })).toContainText("idempotent: true");
  await accessible(page);
  await pictured(page, "workflows-save");
  await dialog.getByRole("button", { name: "Save over it" }).click();
  await expect(page).toHaveURL(/\/workflows\/say-hello$/);
  await page.getByRole("tab", { name: /^Versions/ }).click();
  await expect(page.getByRole("list", { name: "Changes" })).toContainText("steps.greet.idempotent");
});

test("names that exist are offered in templates, and what stands in the editor is tried", async ({ signedIn: page, stage }) => {
  await page.goto("/workflows/new");
  await editor(page).click();
  await page.keyboard.press("Control+End");
  await page.keyboard.type("  - id: shout\n");
  await page.keyboard.type("type: ba");
  await page.getByRole("option", { name: /^bash/ }).click();
  await page.keyboard.press("Enter");
  await page.keyboard.type("command: echo {{ outputs.he");
  await expect(page.getByRole("option", { name: "outputs.hello.stdout" })).toBeVisible();
  await page.keyboard.type("llo.stdout");
  await page.keyboard.press("Escape");
  await expect(page.getByText("valid", { exact: true })).toBeVisible();
  await page.getByRole("button", { name: "Test run" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Start a test run" }).click();
  await expect(page).toHaveURL(/\/runs\//);
  const run = (await stage.api("GET", `/api/executions/${page.url().split("/").at(-1) ?? ""}`)) as { test: boolean };
  expect(run.test).toBe(true);
});

test("a server without a model for drafts says so", async ({ signedIn: page }) => {
  await page.goto("/workflows/new");
  await page.getByLabel("What is it to do?").fill("Greet somebody every morning.");
  await page.getByRole("button", { name: "Draft it" }).click();
  await expect(page.getByRole("alert")).toContainText("This server has no model for drafts.");
  await pictured(page, "workflows-no-model");
});

const DRAFT = (type: string) => `name: Morning greeting
description: Greets somebody every morning.
inputs:
  who: {type: string, default: Ada}
steps:
  - {id: greet, type: ${type}, command: "echo good morning {{ inputs.who }}"}
`;

const STEP = `id: greet
type: bash
command: echo GOOD MORNING {{ inputs.who }}
`;

/** A model that makes a mistake first, and then writes one step anew. */
const drafting = test.extend<{ stageOptions: StageOptions | null }>({
  stageOptions: async ({}, use) => {
    const model = await modelThatSays([`Here it is:\n\`\`\`yaml\n${DRAFT("bush")}\`\`\`\n`, `\`\`\`yaml\n${DRAFT("bash")}\`\`\`\n`, `\`\`\`yaml\n${STEP}\`\`\`\n`]);
    const { port } = model.address() as AddressInfo;
    await use({ env: { TENURE_DRAFT_MODEL: "stub", TENURE_DRAFT_BASE_URL: `http://127.0.0.1:${port}/v1` } });
    model.close();
  },
});

drafting("a workflow is described in words, taken, and saved with a schedule", async ({ signedIn: page }) => {
  await page.goto("/workflows/new");
  await page.getByLabel("What is it to do?").fill("Greet somebody every morning.");
  await page.getByRole("button", { name: "Draft it" }).click();
  await expect(page.getByText("after it was asked again once")).toBeVisible();
  await expect(page.getByRole("region", { name: "What the draft changes" })).toContainText("Morning greeting");
  await accessible(page);
  await pictured(page, "workflows-draft");
  await page.getByRole("button", { name: "Take it" }).click();
  await expect(editor(page)).toContainText("Morning greeting");

  // Then one step alone is written anew.
  await page.getByRole("group", { name: "Diagram of the workflow" }).getByRole("button", { name: /^greet/ }).click();
  await page.getByRole("tab", { name: "Describe it" }).click();
  await expect(page.getByLabel("What is written anew")).toHaveValue("greet");
  await page.getByLabel("What is it to do?").fill("Greet louder.");
  await page.getByRole("button", { name: "Draft it" }).click();
  await expect(page.getByRole("region", { name: "What the draft changes" })).toContainText("GOOD MORNING");
  await page.getByRole("button", { name: "Take it" }).click();
  await expect(editor(page)).toContainText("GOOD MORNING");
  await expect(page.getByText("valid", { exact: true })).toBeVisible();
  await page.getByRole("button", { name: "Save" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("A schedule").click();
  await dialog.getByLabel("When", { exact: true }).fill("0 7 * *");
  await expect(dialog.getByText("the expression has 4 fields")).toBeVisible();
  await dialog.getByLabel("When", { exact: true }).fill("0 7 * * mon-fri");
  await expect(dialog.getByText(/^Next: .*07:00/)).toBeVisible();
  await accessible(page);
  await pictured(page, "workflows-save-new");
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(page).toHaveURL(/\/workflows\/morning-greeting$/);
  await page.getByRole("tab", { name: /^Triggers/ }).click();
  await expect(page.getByRole("list", { name: "Triggers" })).toContainText("07:00");
  await pictured(page, "workflows-triggers");
});

/** Plays a model server that says these things one after the other, in pieces. */
async function modelThatSays(replies: string[]): Promise<Server> {
  const head = { id: "1", object: "chat.completion.chunk", created: 0, model: "stub" };
  const server = createServer((request, response) => {
    request.resume();
    request.on("end", () => {
      const reply = replies.shift() ?? "";
      response.setHeader("content-type", "text/event-stream");
      const say = (choice: object, usage?: object) => response.write(`data: ${JSON.stringify({ ...head, choices: [{ index: 0, finish_reason: null, ...choice }], ...(usage === undefined ? {} : { usage }) })}\n\n`);
      for (const content of reply.match(/.{1,12}/gs) ?? []) say({ delta: { role: "assistant", content } });
      say({ delta: {}, finish_reason: "stop" }, { prompt_tokens: 900, completion_tokens: 120, total_tokens: 1020 });
      response.end("data: [DONE]\n\n");
    });
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  return server;
}
