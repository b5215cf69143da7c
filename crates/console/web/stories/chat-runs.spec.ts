import type { Page } from "@playwright/test";
import { accessible, expect, pictured, test } from "./kit";
import type { Stage } from "./stage";

const release = `
name: Release invoice
version: 1.0.0
inputs:
  version: {type: string, default: 1.4.2}
steps:
  - id: test
    name: Run the tests
    type: bash
    command: for n in 1 2 3 4 5 6 7 8 9 10; do echo "ok $n - invoice adds up"; sleep 0.05; done
  - id: vars
    name: What is looked at
    type: set
    variables: {functions: [subtotal, discount, total]}
  - id: uses
    name: Count the uses of each function
    type: loop
    over: variables.functions
    item: function
    collect: "{{ function }}: {{ outputs.count.stdout | trim }}"
    steps:
      - {id: count, name: Count, type: bash, command: "echo {{ function }} is used; sleep 0.1; echo 3"}
  - id: sides
    name: Look at it from two sides
    type: parallel
    branches:
      changes:
        - {id: diff, name: What changed, type: bash, command: "echo '12 lines changed'"}
      size:
        - {id: lines, name: How large it is, type: bash, command: "echo '42 lines'"}
  - id: check
    name: Is it a patch?
    type: conditional
    condition: inputs.version == "1.4.2"
    then:
      - id: review
        name: Review the change
        type: agent_prompt
        persona: reviewer
        prompt: Please review the change of the invoice for {{ inputs.version }}.
        output_schema:
          verdict: {type: string}
          risk: {type: string}
          concerns: {type: array}
          files: {type: array}
  - id: gate
    name: May it be released?
    type: approval
    prompt: Release invoice {{ inputs.version }}?
    items:
      Verdict: "{{ outputs.review.response.verdict }}"
      Concerns: "{{ outputs.review.response.concerns }}"
      Uses: "{{ outputs.uses.results }}"
    timeout: 1h
  - id: publish
    name: Publish
    type: bash
    command: echo released {{ inputs.version }}
outputs:
  verdict: "{{ outputs.review.response.verdict }}"
`;

test.beforeAll(async ({ shared }) => {
  await shared.api("PUT", "/api/personas/reviewer", { instructions: "You are a strict reviewer who says little." });
});

/** Begins a session, starts a run in it, and goes there. */
async function started(stage: Stage, page: Page, title: string, definition: string): Promise<{ execution: string; session: string }> {
  const { id: session } = (await stage.api("POST", "/api/sessions", { title })) as { id: string };
  const { execution } = (await stage.api("POST", "/api/executions", { definition, session })) as { execution: string };
  await page.goto(`${stage.url}/sessions/${session}`);
  return { execution, session };
}

const card = (page: Page, name: string) => page.getByRole("region", { name, exact: true });

test("a run streams into its session beside what people say, and is approved there", async ({ signedIn: page, stage }) => {
  const { id: session } = (await stage.api("POST", "/api/sessions", { title: "Release 1.4.2" })) as { id: string };
  await page.goto(`${stage.url}/sessions/${session}`);
  await page.getByRole("textbox", { name: "What the agent should do" }).fill("Is everything ready for the release?");
  await page.keyboard.press("Enter");
  await expect(page.getByText("You said: Is everything ready for the release?")).toBeVisible();
  const { execution } = (await stage.api("POST", "/api/executions", { definition: release, session })) as { execution: string };

  const bar = page.getByRole("group", { name: "Run Release invoice" });
  await expect(bar).toBeVisible();
  await expect(card(page, "Run the tests").getByLabel("Output")).toContainText("ok 10 - invoice adds up");
  const review = card(page, "Review the change");
  await expect(review.getByRole("row", { name: /verdict ready/ })).toBeVisible();
  await expect(review).toContainText("reviewer");
  await expect(review).toContainText("5.2k in · 412 out");
  await expect(page.getByText("Release invoice 1.4.2?").first()).toBeVisible();
  await expect(bar).toContainText("1 decision open");
  await accessible(page);
  await pictured(page, "chat-runs-approval");

  await page.getByRole("textbox", { name: "Reason" }).fill("Read and agreed.");
  await page.getByRole("button", { name: "Approve" }).click();
  await expect(card(page, "May it be released?")).toContainText("Read and agreed.");
  await expect(page.getByText("Release invoice has completed")).toBeVisible();
  await expect(bar).toHaveCount(0);
  await pictured(page, "chat-runs-done");

  // Everything is there again, in the same order, for whoever comes later.
  const names = () => page.locator("[data-step]").evaluateAll((cards) => cards.map((one) => one.getAttribute("data-step")));
  const before = await names();
  await page.reload();
  await expect(page.getByText("Release invoice has completed")).toBeVisible();
  await expect.poll(names).toEqual(before);
  expect(((await stage.api("GET", `/api/executions/${execution}`)) as { status: string }).status).toBe("completed");
});

test("a step that failed shows its last attempt, and the ones before it folded", async ({ signedIn: page, stage }) => {
  await started(
    stage,
    page,
    "Nightly report",
    `
name: Nightly report
version: 1.0.0
steps:
  - id: fetch
    name: Fetch the figures
    type: bash
    command: echo "GET https://figures.example/daily"; echo "503 Service Unavailable" >&2; exit 22
    idempotent: true
    retry: {max_attempts: 3, backoff: {delay: 200ms}}
    catch:
      - {id: tell, name: Tell the team, type: notify, content: "The figures could not be read: {{ error.message }}"}
  - id: notes
    name: Write the notes
    type: agent_prompt
    prompt: Please write the notes of invoice 1.4.2.
    output_schema:
      title: {type: string}
      notes: {type: string}
  - id: store
    name: Store them
    type: bash
    command: "echo 'No space left on device' >&2; exit 28"
`,
  );
  const fetch = card(page, "Fetch the figures");
  await expect(fetch).toContainText("attempt 3");
  await expect(fetch.getByRole("group", { name: "Catch" })).toContainText("The figures could not be read");
  await fetch.getByRole("button", { name: "2 previous attempts" }).click();
  await expect(fetch.getByText("Attempt 1", { exact: true })).toBeVisible();
  await expect(fetch.getByText("It was tried again.").first()).toBeVisible();
  await expect(fetch.getByText("What the step has under “catch” runs.")).toBeVisible();

  const notes = card(page, "Write the notes");
  await expect(notes).toContainText("asked 2 times");
  await expect(notes.getByRole("row", { name: /title Rounds once/ })).toBeVisible();
  await notes.getByRole("button", { name: "What was said" }).click();
  await notes.getByRole("button", { name: "1 earlier round: the reply was not as asked" }).click();
  await expect(notes.getByText("Here are the notes: totals are rounded once, at the end.")).toBeVisible();

  await expect(card(page, "Store them")).toContainText("bash_exit_code:28");
  await expect(page.getByText("Nightly report has failed")).toBeVisible();
  await accessible(page);
  await pictured(page, "chat-runs-failed");
});

test("a run with 300 rounds stays usable", async ({ signedIn: page, stage }) => {
  await started(
    stage,
    page,
    "Check all invoices",
    `
name: Check all invoices
version: 1.0.0
max_steps: 1000
steps:
  - id: all
    name: Check each invoice
    type: loop
    over: "{{ range(300) | list }}"
    item: invoice
    concurrency: 8
    max_items: 300
    on_failure: collect
    steps:
      - {id: look, name: Look at it, type: bash, command: "echo invoice {{ invoice }}; test {{ invoice }} -ne 7", idempotent: true}
      - {id: note, name: Note it, type: tool, tool: echo, arguments: {invoice: "{{ invoice }}"}}
`,
  );
  const all = card(page, "Check each invoice");
  // It can be walked while it goes on.
  await expect(all).toContainText(/running/);
  await all.getByRole("combobox", { name: "Which round" }).selectOption("3");
  await expect(all.getByRole("group", { name: "round 4", exact: true })).toHaveCount(0);
  await expect(card(page, "Look at it").getByLabel("Output")).toContainText("invoice 3");
  await all.getByRole("combobox", { name: "Which round" }).selectOption("all");
  await expect(all).toContainText("300 of 300 rounds done · 1 failed", { timeout: 45_000 });
  await expect(page.getByText("Check all invoices has completed")).toBeVisible();
  // All of them are there, and only those in sight are rendered.
  expect(await page.locator("[data-step]").count()).toBeLessThan(120);
  const rounds = all.getByRole("list", { name: "All rounds" });
  await rounds.evaluate((list) => list.scrollTo(0, list.scrollHeight));
  await expect(all.getByRole("group", { name: "round 300", exact: true })).toBeVisible();
  await pictured(page, "chat-runs-rounds");
  await all.getByRole("button", { name: "1 failed" }).click();
  await expect(card(page, "Look at it")).toContainText("bash_exit_code:1");
  await all.getByRole("combobox", { name: "Which round" }).selectOption("299");
  await expect(all.getByRole("group", { name: "round 300", exact: true })).toHaveCount(0);
  await expect(all.getByRole("row", { name: "invoice 299" })).toBeVisible();
  await accessible(page);
});

test("a run is reloaded in its middle, goes on from there, and is cancelled from its bar", async ({ signedIn: page, stage }) => {
  const { execution } = await started(
    stage,
    page,
    "Incident triage",
    `
name: Incident triage
version: 1.0.0
steps:
  - {id: facts, name: Gather the facts, type: bash, command: "echo 'queue length 4812'"}
  - id: assess
    name: Say what is wrong
    type: agent_prompt
    prompt: Please summarize the incident slowly.
  - id: watch
    name: Watch the queue
    type: bash
    command: 'for n in $(seq 600); do echo "queue length $((4812 - n))"; sleep 0.1; done'
  - {id: done, name: Tell, type: notify, content: The queue is empty.}
`,
  );
  const assess = card(page, "Say what is wrong");
  await expect(assess).toContainText("The queue has grown since 09:40");
  await page.reload();
  await expect(card(page, "Gather the facts")).toContainText("queue length 4812");
  await expect(assess).toContainText("It holds a lock on the table of invoices");
  await pictured(page, "chat-runs-streaming");
  const watch = card(page, "Watch the queue");
  await expect(watch.getByLabel("Live output")).toContainText("queue length 4802");
  await expect(assess).toContainText("but none of them is lost.");
  const said = await assess.innerText();
  expect(said.split("The queue has grown since 09:40").length - 1, "how often it says so").toBe(1);
  await page.reload();
  await expect(watch.getByLabel("Live output")).toContainText("queue length 4811");

  const bar = page.getByRole("group", { name: "Run Incident triage" });
  await expect(bar).toContainText("step 3 of 4 · Watch the queue");
  await expect(bar.getByRole("list", { name: "Steps of Incident triage" }).getByRole("listitem")).toHaveCount(4);
  await bar.getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("textbox", { name: "Reason" }).fill("Handled by hand.");
  await pictured(page, "chat-runs-cancel");
  await page.getByRole("button", { name: "Cancel the run" }).click();
  await expect(page.getByText("Incident triage was cancelled")).toBeVisible();
  await expect(page.getByText("Reason: Handled by hand.")).toBeVisible();
  await expect(watch).toContainText("cancelled");
  await expect(bar).toHaveCount(0);
  await pictured(page, "chat-runs-cancelled");
  expect(((await stage.api("GET", `/api/executions/${execution}`)) as { status: string }).status).toBe("cancelled");
});

test.describe("with a runner that is lost", () => {
  test.use({ stageOptions: {} });

  test("a person says what became of a step whose outcome nobody knows", async ({ signedIn: page, stage }) => {
    await started(
      stage,
      page,
      "Migrate the invoices",
      `
name: Migrate the invoices
version: 1.0.0
steps:
  - {id: copy, name: Copy the table, type: bash, command: "echo copied 1200 of 4812; sleep 600"}
  - {id: compare, name: Compare the copies, type: bash, command: "echo {{ outputs.copy.rows }} rows are the same"}
`,
    );
    const copy = card(page, "Copy the table");
    await expect(copy.getByLabel("Live output")).toContainText("copied 1200 of 4812");
    await stage.stopRunner();
    await stage.startRunner();
    await expect(copy).toContainText("Nobody knows whether this was done.");
    await pictured(page, "chat-runs-unknown");
    await copy.getByRole("button", { name: "It was done …" }).click();
    await copy.getByRole("textbox", { name: "What it gave" }).fill('{"rows": 4812}');
    await accessible(page);
    await copy.getByRole("button", { name: "Go on with this" }).click();
    await expect(card(page, "Compare the copies").getByLabel("Output")).toContainText("4812 rows are the same");
    await expect(page.getByText("Migrate the invoices has completed")).toBeVisible();
  });
});
