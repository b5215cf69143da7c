import { expect, test } from "./kit";
import { manyMessages } from "./many";

const TURNS = 2_500;

test.describe("a session of 5,000 messages", () => {
  test.use({ stageOptions: { pace: 0 } });
  test("is scrolled from its end to its start, and back at once", async ({ signedIn: page, stage }) => {
    test.setTimeout(240_000);
    const session = await manyMessages(stage, TURNS);
    await page.goto(`/sessions/${session}`);
    const transcript = page.getByRole("region", { name: "Transcript" });
    await expect(transcript.getByText(`You said: Message ${TURNS}.`)).toBeVisible();
    // Only what is in sight is there at all.
    expect(await transcript.getByRole("article").count()).toBeLessThan(60);
    await page.mouse.move(800, 400);
    const passed: number[] = [];
    await expect(async () => {
      for (let turn = 0; turn < 6; turn += 1) await page.mouse.wheel(0, -8_000);
      const first = await transcript.getByText(/^Message \d+\./).first().innerText();
      passed.push(Number(/\d+/.exec(first)?.[0]));
      await expect(transcript.getByText("Message 1.", { exact: true })).toBeInViewport({ timeout: 100 });
    }).toPass({ timeout: 120_000, intervals: [10] });
    // Upwards all the way: reading older pages never throws one back.
    expect(passed).toEqual([...passed].sort((a, b) => b - a));
    expect(passed.length).toBeGreaterThan(1);
    // It is where it begins, and does not jump away.
    await expect(transcript.getByText("Reading older messages…")).toHaveCount(0);
    await expect(transcript.getByText("Message 1.", { exact: true })).toBeInViewport();
    await page.getByRole("button", { name: "To the latest" }).click();
    await expect(transcript.getByText(`You said: Message ${TURNS}.`)).toBeInViewport();
  });
});
