/** A gateway over a supergraph file that a test rewrites while it serves. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startGateway, type TestGateway } from "../../support/startGateway.ts";

export type Ready = {
  readonly status: string;
  readonly supergraph: { readonly id: string; readonly problem?: { readonly text: string } };
};

export type RewritableGateway = AsyncDisposable & {
  readonly gateway: TestGateway;
  readonly readReady: () => Promise<Ready>;
  /** Resolves when the gateway has taken notice. */
  readonly write: (sdl: string, isThere: (ready: Ready) => boolean) => Promise<Ready>;
  /** Resolves when it is served. */
  readonly swap: (sdl: string) => Promise<Ready>;
};

export async function startRewritable(
  sdl: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<RewritableGateway> {
  const folder = await mkdtemp(join(tmpdir(), "atlas-swap-"));
  const file = join(folder, "supergraph.graphql");
  await writeFile(file, sdl);
  const gateway = await startGateway(sdl, {
    ATLAS_SUPERGRAPH: file,
    ATLAS_SUPERGRAPH_POLL_MS: "200",
    ...environment,
  });
  const readReady = async () => (await fetch(`${gateway.url}/health/ready`)).json() as Promise<Ready>;
  const write: RewritableGateway["write"] = async (text, isThere) => {
    await writeFile(file, text);
    for (let at = 0; at < 1_200; at += 1) {
      const ready = await readReady();
      if (isThere(ready)) return ready;
      await sleep(25);
    }
    throw new Error("the gateway did not take notice");
  };
  return {
    gateway,
    readReady,
    write,
    swap: async (text) => {
      const { supergraph } = await readReady();
      return write(text, (ready) => ready.supergraph.id !== supergraph.id);
    },
    [Symbol.asyncDispose]: async () => {
      await gateway[Symbol.asyncDispose]();
      await rm(folder, { recursive: true });
    },
  };
}
