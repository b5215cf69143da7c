import { fileURLToPath } from "node:url";
import tailwind from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

/** The server behind `npm run dev`. It sees the page's own host, so that it takes the page's sockets for its own. */
const server = process.env.TENURE_SERVER ?? "http://127.0.0.1:7420";
const proxied = { target: server, ws: true };

export default defineConfig({
  plugins: [react(), tailwind()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  build: {
    outDir: "../dist",
    emptyOutDir: true,
    // What is needed for what, read by scripts/compress.mjs.
    manifest: "manifest.json",
    target: "es2022",
    // Nothing may be inlined: the page's policy takes scripts, styles and pictures from the server alone.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: { proxy: { "/api": proxied, "/admin": proxied, "/schema": proxied, "/metrics": proxied } },
  test: { include: ["src/**/*.test.{ts,tsx}"], environment: "node" },
});
