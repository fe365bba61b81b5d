/** The gateways that are measured, each a process pinned to the first core. */
import { type ChildProcess, spawn } from "node:child_process";
import { resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

export type GatewayName = "atlas" | "apollo-gateway" | "hive-gateway" | "hive-gateway-rust";

export const gatewayNames: readonly GatewayName[] = [
  "apollo-gateway",
  "hive-gateway",
  "hive-gateway-rust",
  "atlas",
];

export type RunningGateway = {
  readonly name: GatewayName;
  readonly pid: number;
  readonly url: string;
  readonly stop: () => Promise<void>;
};

/** One of several gateways of ours that are compared. */
export type GatewayVariant = {
  readonly supergraph: string;
  /** Beside what all have. */
  readonly environment?: Readonly<Record<string, string>>;
};

export type GatewayOptions = GatewayVariant & {
  readonly peersFolder: string;
  readonly port: number;
};

const gatewayCore = "0";
const startTimeoutMs = 60_000;

export async function startGateway(name: GatewayName, options: GatewayOptions): Promise<RunningGateway> {
  const { command, url, cwd } = commandOf(name, options);
  const child = spawn("taskset", ["-c", gatewayCore, ...command], {
    cwd,
    env: {
      ...process.env,
      NODE_ENV: "production",
      APOLLO_TELEMETRY_DISABLED: "1",
      LOG_LEVEL: "error",
      ATLAS_LOG_LEVEL: "error",
      ...options.environment,
    },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  const output = collect(child);
  await waitUntilAnswering(url, child, output);
  return { name, pid: child.pid ?? 0, url, stop: () => stop(child) };
}

function commandOf(
  name: GatewayName,
  { supergraph, peersFolder, port }: GatewayOptions,
): { command: string[]; url: string; cwd: string } {
  const graphql = `http://127.0.0.1:${port}/graphql`;
  const hive = (config: string, ...flags: string[]) => ({
    command: [
      ...["node", "node_modules/.bin/hive-gateway", "supergraph", supergraph, "--config-path", config],
      ...["--host", "127.0.0.1", "--port", String(port), "--fork", "1", ...flags],
    ],
    url: graphql,
    cwd: peersFolder,
  });
  switch (name) {
    case "apollo-gateway":
      return {
        command: ["node", "apolloGateway.mjs", supergraph, String(port)],
        url: `http://127.0.0.1:${port}/`,
        cwd: peersFolder,
      };
    case "hive-gateway":
      // As published; with its Rust planner the just-in-time executor answers null for this query.
      return hive("hive.config.mjs", "--jit");
    case "hive-gateway-rust":
      return hive("hiveRustPlanner.config.mjs");
    case "atlas":
      return {
        command: [
          // With the options that the program's first line has.
          ...["node", "--max-semi-space-size=32", resolve("dist/gateway/cli/atlasGateway.js")],
          "--supergraph",
          supergraph,
          "--port",
          String(port),
          "--forward-header",
          "authorization",
        ],
        url: graphql,
        cwd: process.cwd(),
      };
  }
}

/** The end of what the process says, for the message when it does not start. */
function collect(child: ChildProcess): () => string {
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (chunk: Buffer) => {
      text = (text + chunk.toString()).slice(-4_000);
    });
  }
  return () => text;
}

async function waitUntilAnswering(url: string, child: ChildProcess, output: () => string): Promise<void> {
  const deadline = Date.now() + startTimeoutMs;
  while (Date.now() < deadline) {
    if (child.exitCode !== null)
      throw new Error(`The gateway ended with ${child.exitCode} before it answered:\n${output()}`);
    if (await answers(url)) return;
    await delay(200);
  }
  await stop(child);
  throw new Error(`No answer from ${url} within ${startTimeoutMs} ms:\n${output()}`);
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query: "{ __typename }" }),
    });
    return response.ok;
  } catch {
    return false;
  }
}

async function stop(child: ChildProcess): Promise<void> {
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  if (child.exitCode !== null || child.pid === undefined) return;
  // The group: taskset has become the gateway, which may have children.
  process.kill(-child.pid, "SIGTERM");
  const insist = setTimeout(() => process.kill(-(child.pid ?? 0), "SIGKILL"), 5_000);
  await exited;
  clearTimeout(insist);
}
