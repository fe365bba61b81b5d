/** The life of a subgraph process: read the environment, start, stop on a signal. Every main.ts is one call of this. */
import { type Logger, pino } from "pino";
import { parseSubgraphConfig, type SubgraphConfig } from "./config.ts";
import { type SubgraphDefinition, startSubgraph } from "./startSubgraph.ts";

export async function runSubgraph<Context extends Record<string, unknown>>(
  define: (config: SubgraphConfig, log: Logger) => Promise<SubgraphDefinition<Context>>,
): Promise<void> {
  const config = readConfig();
  const log = pino({ level: config.logLevel, base: null });
  try {
    const running = await startSubgraph(await define(config, log), config, log);
    const stop = (): void => {
      // Once: a second signal while draining must not start a second stop.
      process.off("SIGTERM", stop);
      process.off("SIGINT", stop);
      running.stop().then(
        () => process.exit(0),
        (error: unknown) => {
          log.error({ err: error }, "stop failed");
          process.exit(1);
        },
      );
    };
    process.on("SIGTERM", stop);
    process.on("SIGINT", stop);
  } catch (error) {
    log.fatal({ err: error }, explainStart(error, config));
    process.exit(1);
  }
}

function readConfig(): SubgraphConfig {
  try {
    return parseSubgraphConfig(process.env);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  }
}

function explainStart(error: unknown, config: SubgraphConfig): string {
  if (error instanceof Error && "code" in error && error.code === "EADDRINUSE") {
    return `port ${config.port} is taken; free it or set ATLAS_PORT to another`;
  }
  return "the subgraph cannot start";
}
