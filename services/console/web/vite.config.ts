import { defineConfig } from "vite";
import react from "@vitejs/plugin-react";

/** `vite build services/console/web` writes dist; `vite services/console/web` serves it beside a running console. */
export default defineConfig({
  plugins: [react()],
  build: { outDir: "dist", emptyOutDir: true, target: "es2023", assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  server: { proxy: { "/api": "http://127.0.0.1:4300" } },
});
