import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  base: "/graphiql/",
  plugins: [react()],
  // Monaco's language workers are modules; inlined ones would need a looser content security policy.
  worker: { format: "es" },
  build: {
    outDir: fileURLToPath(new URL("../../dist/clients/graphiql", import.meta.url)),
    emptyOutDir: true,
    // The editor is one large part that is loaded once.
    chunkSizeWarningLimit: 5_000,
  },
});
