import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { accessible, expect, pictured, startRun, test } from "./kit";
import type { Stage } from "./stage";

const timeline = (page: Page) => page.getByRole("region", { name: "Timeline" });
const diagram = (page: Page) => page.getByRole("group", { name: /^Diagram of/ });
const card = (page: Page, path: string) => timeline(page).locator(`[data-node="${path}"]`);

/** Lets a command go on that waits for a file of this name. */
const open = (stage: Stage, gate: string) => writeFile(join(stage.workspace, gate), "");

const release = `
name: Release
version: 1.4.0
inputs:
  version: {type: string, default: 1.0.1, description: The version that is to be released.}
steps:
  - {id: test, name: Run the tests, type: bash, command: "printf '12 tests\\nsubtotal ok\\n'; while [ ! -f go-release ]; do sleep 0.05; done; echo all passed"}
  - id: uses
    name: Count the uses of each function
    type: loop
    over: [subtotal, discount, total]
    item: function
    collect: "{{ function }}"
    steps:
      - {id: count, name: Count, type: bash, command: "echo {{ function }}"}
  - id: sides
    name: Look at it from two sides
    type: parallel
    branches:
      changes: [{id: diff, name: See what changed, type: bash, command: "echo 2 files changed"}]
      size: [{id: lines, name: Count the lines, type: bash, command: "echo 214"}]
  - id: ready
    name: Only what is tested goes on
    type: conditional
    condition: outputs.test.exitCode == 0
    then:
      - id: notes
        name: Write the notes
        type: agent_prompt
        prompt: You write the notes of a release, version {{ inputs.version }}.
        output_schema: {title: {type: string}, notes: {type: string}, risk: {type: string}}
    else:
      - {id: enough, type: stop, status: failed, reason: The tests fail.}
  - id: gate
    name: May it be released?
    type: approval
    prompt: Release {{ inputs.version }}, “{{ outputs.notes.response.title }}”?
    items: {Notes: "{{ outputs.notes.response.notes }}", Risk: "{{ outputs.notes.response.risk }}"}
  - {id: tell, name: Tell everybody, type: notify, content: "Version {{ inputs.version }} is out."}
outputs:
  title: "{{ outputs.notes.response.title }}"
`;

test("a run is watched live, beside its diagram, approved in place, and looked back at", async ({ signedIn: page, stage }) => {
  const { execution } = await startRun(stage, release, { version: "1.0.2" });
  await page.goto(`/runs/${execution}`);
  await expect(page.getByRole("heading", { name: "Release", level: 1 })).toBeVisible();
  // What the command prints is seen while it runs.
  await expect(card(page, "test").getByRole("region", { name: "Live output" })).toContainText("subtotal ok");
  await expect(card(page, "gate")).toContainText("not begun");
  await expect(diagram(page).getByRole("button", { name: /^Run the tests, .*running/ })).toHaveAttribute("aria-pressed", "true");
  await pictured(page, "run-running");
  await open(stage, "go-release");

  // The run is followed to where it waits, and the server says why.
  await expect(page.getByRole("region", { name: "Why it is waiting" })).toContainText("to decide");
  await expect(card(page, "gate").getByRole("button", { name: "Approve" })).toBeInViewport();
  await expect(diagram(page).getByRole("button", { name: /^May it be released/ })).toHaveAttribute("aria-pressed", "true");
  await accessible(page);
  await pictured(page, "run-waiting");

  // The diagram leads to the timeline, and the timeline to the diagram.
  await diagram(page).getByRole("button", { name: /^See what changed/ }).click();
  await expect(card(page, "sides:b0/diff")).toBeInViewport();
  await expect(page).toHaveURL(/step=sides%3Ab0%2Fdiff/);
  await card(page, "uses:i1/count").getByRole("button", { name: /(Open|Close) Count/ }).click();
  await expect(diagram(page).getByRole("button", { name: /^Count, .*3 times/ })).toHaveAttribute("aria-pressed", "true");

  await card(page, "gate").getByLabel("Reason").fill("Looks right.");
  await card(page, "gate").getByRole("button", { name: "Approve" }).click();
  await expect(page.getByRole("region", { name: "What it gives" })).toContainText("Discounts that add up");
  await expect(card(page, "gate")).toContainText("Looks right.");
  await expect(page.getByRole("list", { name: "About the run" })).toContainText("1.8k tokens in");
  await accessible(page);
  await pictured(page, "run-completed");

  // What can be read where.
  await page.getByRole("tab", { name: "Variables" }).click();
  await card(page, "notes").or(card(page, "ready:then/notes")).first().getByRole("button", { name: /(Open|Close) Write the notes/ }).click();
  const variables = page.getByRole("tabpanel", { name: "Variables" });
  await expect(variables.getByRole("region", { name: "Outputs of steps" })).toContainText("outputs.diff");
  await expect(variables.getByRole("region", { name: "Outputs of steps" })).not.toContainText("outputs.notes");
  await pictured(page, "run-variables");

  // At an early record, what came later has not begun.
  await page.getByRole("tab", { name: "Diagram" }).click();
  await page.getByRole("button", { name: "Look back in time" }).click();
  const slider = page.getByRole("slider", { name: "Record of the run" });
  await slider.focus();
  await slider.press("Home");
  await expect(page.getByRole("region", { name: "Looking back" })).toContainText("As it stood after record 1");
  await expect(card(page, "test")).toContainText("not begun");
  await slider.press("ArrowRight");
  await slider.press("ArrowRight");
  await expect(page).toHaveURL(/seq=3/);
  await expect(card(page, "test")).toContainText("running");
  await expect(card(page, "test").getByRole("region", { name: /utput/ })).toHaveCount(0);
  await expect(card(page, "gate")).toContainText("not begun");
  await expect(diagram(page).getByRole("button", { name: /^Tell everybody, .*not started/ })).toBeVisible();
  await accessible(page);
  await pictured(page, "run-past");
  await page.reload();
  await expect(card(page, "gate")).toContainText("not begun");
  await page.getByRole("button", { name: "Back to now" }).click();
  await expect(card(page, "gate")).toContainText("completed");
});

const checked = `
name: Nightly report
inputs:
  host: {type: string, default: db-1, description: Where the report is made.}
steps:
  - {id: collect, name: Collect the figures, type: bash, command: "echo 4812 rows; echo collected >> trace.log"}
  - id: check
    name: Check the host
    type: bash
    retry: {max_attempts: 2, backoff: {delay: 50ms}}
    command: |
      test {{ inputs.host }} = db-2 || { echo "{{ inputs.host }} does not answer" >&2; exit 7; }
  - {id: report, name: Write the report, type: bash, command: "echo done"}
`;

test("a failure is opened and focused, and retried from there with other inputs", async ({ signedIn: page, stage }) => {
  const { execution } = await startRun(stage, checked);
  await page.goto(`/runs/${execution}`);
  await expect(page.getByRole("region", { name: "Why it failed" })).toContainText("exit code 7");
  await expect(card(page, "check").getByRole("button", { name: "Close Check the host" })).toBeFocused();
  await expect(card(page, "check")).toContainText("db-1 does not answer");
  await expect(card(page, "report")).toContainText("never begun");
  await card(page, "check").getByRole("button", { name: "1 previous attempt" }).click();
  await expect(card(page, "check")).toContainText("Attempt 1");
  await accessible(page);
  await pictured(page, "run-failed");

  await card(page, "check").getByRole("button", { name: "Retry from Check the host" }).click();
  const dialog = page.getByRole("dialog", { name: "Retry the run" });
  await expect(dialog.getByLabel("Begin from")).toHaveValue("check");
  await dialog.getByLabel("host").fill("db-2");
  await accessible(page);
  await pictured(page, "run-retry");
  await dialog.getByRole("button", { name: "Start the new run" }).click();

  await expect(page).not.toHaveURL(new RegExp(execution));
  await expect(page.getByRole("banner").or(page.locator("header")).getByText("completed").first()).toBeVisible();
  await expect(card(page, "collect")).toContainText("reused");
  await expect(card(page, "report")).toContainText("completed");
  await page.getByRole("link", { name: "The run that it takes up again" }).click();
  await expect(page).toHaveURL(new RegExp(execution));
  await expect(page.getByRole("link", { name: /^Taken up again/ })).toBeVisible();
});

test("a run is paused, resumed, told an event, and cancelled with a reason", async ({ signedIn: page, stage }) => {
  const { execution } = await startRun(
    stage,
    `
name: Deploy
steps:
  - {id: staged, name: Wait for the deployment, type: wait, event: deployed}
  - {id: settle, name: Let it settle, type: wait, duration: 1h}
  - {id: after, name: Look after it, type: bash, command: echo fine}
`,
  );
  await page.goto(`/runs/${execution}`);
  await page.getByRole("button", { name: "Pause" }).click();
  await expect(page.getByRole("button", { name: "Resume" })).toBeVisible();
  await page.getByRole("button", { name: "Resume" }).click();
  await expect(page.getByRole("region", { name: "Why it is waiting" })).toContainText("deployed");
  await card(page, "staged").getByRole("button", { name: "With a payload …" }).click();
  await card(page, "staged").getByLabel("Payload").fill('{"build": 812}');
  await pictured(page, "run-event");
  await card(page, "staged").getByRole("button", { name: "Send “deployed”" }).click();
  await expect(card(page, "staged")).toContainText("812");
  await expect(card(page, "settle")).toContainText("Until");

  await page.getByRole("button", { name: "Cancel …" }).click();
  const dialog = page.getByRole("dialog", { name: "Cancel the run?" });
  await dialog.getByLabel("Reason").fill("The wrong build.");
  await dialog.getByRole("button", { name: "Cancel the run" }).click();
  await expect(page.getByRole("region", { name: "Why it was cancelled" })).toContainText("The wrong build.");
  await expect(card(page, "after")).toContainText("never begun");
  await accessible(page);
  await pictured(page, "run-cancelled");
});

test("a run with 300 iterations stays usable", async ({ signedIn: page, stage }) => {
  const { execution } = await startRun(
    stage,
    `
name: Migrate the tenants
max_steps: 1000
inputs:
  tenants: {type: array, required: true}
steps:
  - id: all
    name: Each tenant
    type: loop
    over: inputs.tenants
    item: tenant
    on_failure: collect
    steps:
      - {id: size, name: Look at its size, type: set, variables: {large: "{{ index % 20 == 17 }}"}}
      - {id: move, name: Move it, type: bash, if: variables.large, command: "test {{ tenant }} != tenant-217 && echo moved {{ tenant }}"}
  - {id: tell, name: Tell, type: notify, content: "{{ outputs.all.iterations }} are moved."}
`,
    { tenants: Array.from({ length: 300 }, (_, n) => `tenant-${n}`) },
  );
  await page.goto(`/runs/${execution}`);
  await expect(card(page, "all")).toContainText("of 300 rounds done");
  await expect(card(page, "tell")).toContainText("completed", { timeout: 40_000 });
  await expect(card(page, "all")).toContainText("300 of 300 rounds done · 1 failed");
  // The diagram has one node, and leads to the round that failed.
  await diagram(page).getByRole("button", { name: /^Move it, .*300 times/ }).click();
  await expect(card(page, "all:i217/move")).toBeInViewport();
  await expect(timeline(page).locator("[data-node]")).not.toHaveCount(602);
  await accessible(page);
  await pictured(page, "run-iterations");
  await card(page, "all").getByLabel("Which round").selectOption({ label: "18: completed" });
  await expect(card(page, "all:i17/move")).toContainText("moved tenant-17");
  await expect(card(page, "all:i18/move")).toHaveCount(0);
});

test.describe("with a server of its own", () => {
  test.use({ stageOptions: {} });

  test("the page goes on after a reload, and after the server was killed", async ({ signedIn: page, stage }) => {
    const { execution } = await startRun(
      stage,
      `
name: Backup
steps:
  - {id: dump, name: Dump, type: bash, idempotent: true, command: "echo dumped"}
  - {id: ask, name: Keep it?, type: approval, prompt: "Keep the backup?"}
  - {id: keep, name: Keep it, type: bash, idempotent: true, command: "echo kept"}
`,
    );
    await page.goto(`/runs/${execution}`);
    await expect(card(page, "ask").getByRole("button", { name: "Approve" })).toBeVisible();
    await page.reload();
    await expect(card(page, "dump")).toContainText("completed");
    await stage.killServer();
    await expect(page.getByRole("main").getByText("Reconnecting…")).toBeVisible();
    await stage.startServer();
    await expect(page.getByRole("main").getByText("Reconnecting…")).toHaveCount(0, { timeout: 30_000 });
    await card(page, "ask").getByRole("button", { name: "Approve" }).click();
    await expect(card(page, "keep")).toContainText("kept", { timeout: 30_000 });
    await expect(card(page, "dump")).toHaveCount(1);
  });

  test("runs are listed live, filtered, and started", async ({ signedIn: page, stage }) => {
    await page.goto("/runs");
    await expect(page.getByText("Nothing has run yet")).toBeVisible();
    await pictured(page, "runs-empty");
    await stage.api("POST", "/api/workflows/sync", checked);
    await startRun(stage, checked, { host: "db-2" });
    await startRun(stage, checked.replace("Nightly report", "Weekly report"));
    await startRun(stage, "name: Sign off\nsteps:\n  - {id: ask, type: approval, prompt: Is it right?}\n");
    const list = page.getByRole("list", { name: "Runs" });
    await expect(list.getByRole("listitem")).toHaveCount(3);
    await expect(list).toContainText("for an approval");
    await expect(list).toContainText("exit code 7");
    await expect(list).toContainText("completed");
    await accessible(page);
    await pictured(page, "runs-list");

    await page.getByLabel("Search in names").fill("weekly");
    await expect(list.getByRole("listitem")).toHaveCount(1);
    await page.getByRole("button", { name: "Clear" }).click();
    await page.getByLabel("Status").selectOption("open");
    await expect(list.getByRole("listitem")).toHaveText(/Sign off/);
    await page.reload();
    await expect(page.getByLabel("Status")).toHaveValue("open");
    await page.getByLabel("Status").selectOption("cancelled");
    await expect(page.getByText("No run fits")).toBeVisible();
    await page.getByRole("button", { name: "Clear" }).click();

    await page.getByRole("button", { name: "Start a run …" }).click();
    await page.getByRole("dialog").getByRole("button", { name: /^Nightly report/ }).click();
    await page.getByLabel("host").fill("db-2");
    await page.getByLabel("Mark it as a test").check();
    await accessible(page);
    await pictured(page, "runs-start");
    await page.getByRole("button", { name: "Start a test run" }).click();
    await expect(card(page, "report")).toContainText("completed");
    await page.getByRole("link", { name: "Runs", exact: true }).click();
    await page.getByLabel("Test runs").selectOption("only");
    await expect(list.getByRole("listitem")).toHaveCount(1);
  });
});
