/** What every way to start a gateway shares: read the configuration, start, say where, drain on a signal, exit. */
import { PolicyError } from "../policies/runtime/policyError.ts";
import { ConfigError, parseConfig } from "./config.ts";
import { createLog, describeCause } from "./observability/log.ts";
import { startGateway } from "./server.ts";
import { StartError } from "./startError.ts";
import { SupergraphError } from "./supergraph/supergraphError.ts";

type Options = {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** What to call a variable in a message, where it came from a flag. */
  readonly names?: Readonly<Record<string, string>>;
  /** Called with the URL once it listens. */
  readonly onReady?: (url: string) => void;
};

/** Resolves when the gateway listens; a fault that a person can mend is told in plain words and exit code 1. */
export async function runProcess({ environment, names, onReady }: Options): Promise<void> {
  try {
    const config = parseConfig(environment, names);
    const log = createLog(config.logLevel, config.region);
    const gateway = await startGateway({ config, environment, log });
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      process.once(signal, () => {
        gateway.close().then(
          () => process.exit(0),
          (thrown: unknown) => {
            log.fatal({ cause: describeCause(thrown) }, "gateway did not stop cleanly");
            process.exit(1);
          },
        );
      });
    }
    onReady?.(gateway.url);
  } catch (thrown) {
    if (!isForPeople(thrown)) throw thrown;
    console.error(thrown.message);
    process.exitCode = 1;
  }
}

function isForPeople(thrown: unknown): thrown is Error {
  return (
    thrown instanceof ConfigError ||
    thrown instanceof StartError ||
    thrown instanceof SupergraphError ||
    thrown instanceof PolicyError
  );
}
