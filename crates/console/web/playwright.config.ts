import { defineConfig } from "@playwright/test";

export default defineConfig({
  testDir: "stories",
  testMatch: "*.spec.ts",
  outputDir: "test-results",
  // Each worker has a server, a runner and a browser of its own.
  workers: 2,
  fullyParallel: false,
  timeout: 120_000,
  expect: { timeout: 20_000 },
  retries: process.env.CI === undefined ? 0 : 1,
  reporter: [["list"]],
  use: {
    viewport: { width: 1280, height: 800 },
    actionTimeout: 20_000,
    trace: "on-first-retry",
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      // Whoever is root, as in a container, has no sandbox of Chromium's.
      args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
    },
  },
});
