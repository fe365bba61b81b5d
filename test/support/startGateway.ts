/** The gateway in this process, on a free port, over a supergraph of the test's own. Its log is kept for the test to read. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseConfig } from "../../gateway/config.ts";
import { createLog } from "../../gateway/observability/log.ts";
import { type RunningGateway, startGateway as start } from "../../gateway/server.ts";

export type TestGateway = AsyncDisposable & {
  /** Without a path. */
  readonly url: string;
  readonly graphql: string;
  readonly socket: string;
  readonly close: RunningGateway["close"];
  /** Every line that it has logged. */
  readonly log: readonly string[];
};

/** `environment` is what its configuration says beside the supergraph; the profile is production unless it says so. */
export async function startGateway(
  sdl: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<TestGateway> {
  const folder = await mkdtemp(join(tmpdir(), "atlas-gateway-"));
  const file = join(folder, "supergraph.graphql");
  await writeFile(file, sdl);
  const log: string[] = [];
  const config = parseConfig({
    ATLAS_SUPERGRAPH: file,
    ATLAS_PORT: "0",
    ATLAS_DRAIN_TIMEOUT_MS: "2000",
    ...environment,
  });
  const gateway = await start({
    config,
    environment: {},
    log: createLog("debug", config.region, { write: (line) => void log.push(line) }),
  });
  return {
    url: gateway.url,
    graphql: `${gateway.url}/graphql`,
    socket: `${gateway.url.replace("http", "ws")}/graphql`,
    close: gateway.close,
    log,
    [Symbol.asyncDispose]: async () => {
      await gateway.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
