// Measures instead of telling stories: one after the other, with nothing beside them.
import stories from "./playwright.config";

export default {
  ...stories,
  testDir: "stories/figures",
  testMatch: "*.figures.ts",
  workers: 1,
  retries: 0,
  timeout: 300_000,
  // Keeping a trace costs more than what is measured.
  use: { ...stories.use, trace: "off" as const },
};
