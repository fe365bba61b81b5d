/** The local issuer as a process of its own. */
import { pino } from "pino";
import { parseIssuerConfig } from "./config.ts";
import { startIssuer } from "./startIssuer.ts";

async function run(): Promise<void> {
  const config = parseIssuerConfig(process.env);
  const log = pino({ level: config.logLevel, base: { process: "issuer" } });
  const issuer = await startIssuer({
    ...config,
    onFault: (cause) => log.error({ err: cause }, "issuer failed to answer"),
  });
  log.info({ url: issuer.url }, "issuer started");
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, async () => {
      await issuer.close();
      log.info("issuer stopped");
      process.exit(0);
    });
  }
}

// A taken port, a folder that cannot be written, a variable that is missing: the message says it all.
await run().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
