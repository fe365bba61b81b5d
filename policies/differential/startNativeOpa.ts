/** Native OPA as its own process over the sources of policies/, asked through a socket in the file system. */
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "undici";

export type NativeOpa = AsyncDisposable & {
  /** Undefined when the policy's answer is. */
  readonly ask: (entrypoint: string, input: object) => Promise<unknown>;
};

const ignored = ["bundle", "fixtures", "cases", "*_test.rego"].flatMap((pattern) => ["--ignore", pattern]);
const startMsMax = 30_000;

export async function startNativeOpa(opa: string, policies: string): Promise<NativeOpa> {
  const folder = await mkdtemp(join(tmpdir(), "atlas-opa-"));
  const socketPath = join(folder, "opa.sock");
  const server = spawn(
    opa,
    ["run", "--server", "--addr", `unix://${socketPath}`, "--log-level", "error", ...ignored, policies],
    {
      stdio: ["ignore", "ignore", "inherit"],
    },
  );
  const ended = new Promise<void>((resolve) => server.once("exit", () => resolve()));
  const client = new Client("http://localhost", { socketPath, pipelining: 16 });
  const native: NativeOpa = {
    async ask(entrypoint, input) {
      const { statusCode, body } = await client.request({
        method: "POST",
        path: `/v1/data/${entrypoint}`,
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ input }),
      });
      const answer = await body.json();
      if (statusCode !== 200) throw new Error(`native OPA answered ${statusCode}: ${JSON.stringify(answer)}`);
      return typeof answer === "object" && answer !== null && "result" in answer ? answer.result : undefined;
    },
    [Symbol.asyncDispose]: async () => {
      server.kill();
      await ended;
      await client.destroy();
      await rm(folder, { recursive: true, force: true });
    },
  };
  try {
    await untilReady(client, () => server.exitCode !== null);
    return native;
  } catch (thrown) {
    await native[Symbol.asyncDispose]();
    throw thrown;
  }
}

async function untilReady(client: Client, isOver: () => boolean): Promise<void> {
  const deadline = Date.now() + startMsMax;
  for (;;) {
    try {
      const { statusCode, body } = await client.request({ method: "GET", path: "/health" });
      await body.dump();
      if (statusCode === 200) return;
    } catch (cause) {
      if (isOver() || Date.now() > deadline) throw new Error("native OPA did not start", { cause });
    }
    await sleep(50);
  }
}
