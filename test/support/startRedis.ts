/** A Redis of the test's own, in memory only; `stop` and `start` are its faults. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { findPort } from "./startPart.ts";

export type TestRedis = AsyncDisposable & {
  readonly url: string;
  readonly stop: () => Promise<void>;
  /** On the same port, empty. */
  readonly start: () => Promise<void>;
};

export async function startRedis(program: string): Promise<TestRedis> {
  const port = await findPort();
  let child: ChildProcess | undefined;

  async function start(): Promise<void> {
    const flags = ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
    const started = spawn(program, flags, { cwd: tmpdir(), stdio: ["ignore", "pipe", "inherit"] });
    child = started;
    let output = "";
    await new Promise<void>((resolve, reject) => {
      started.stdout.on("data", (chunk: Buffer) => {
        output += String(chunk);
        if (output.includes("Ready to accept connections")) resolve();
      });
      started.once("error", reject);
      started.once("exit", () => reject(new Error(`redis-server ended before it was ready:\n${output}`)));
    });
  }

  async function stop(): Promise<void> {
    const stopping = child;
    child = undefined;
    if (!stopping || stopping.exitCode !== null) return;
    stopping.kill("SIGTERM");
    await once(stopping, "exit");
  }

  await start();
  return { url: `redis://127.0.0.1:${port}`, stop, start, [Symbol.asyncDispose]: stop };
}
