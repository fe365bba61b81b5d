/** `npm start` in good and bad states: taken ports, crashes, a second start, and every way to end it. */
import { chmod, mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { postGraphql } from "../../support/postGraphql.ts";
import { buildOnce } from "../../support/startDatabase.ts";
import { descendantsOf, type ProcessEntry, waitUntilGone } from "./processTree.ts";
import { type Launcher, startLauncher } from "./startLauncher.ts";

const ready = /^ready (http:\/\/127\.0\.0\.1:(\d+)\/graphql)$/m;
const startMs = 90_000;

describe("the launcher", () => {
  let folder: string;
  let blocker: Server | undefined;
  let launcher: Launcher;
  let url: string;

  beforeAll(async () => {
    await buildOnce();
    folder = await mkdtemp(join(tmpdir(), "atlas-launcher-"));
    await chmod(folder, 0o711);
    blocker = await occupy(4000);
    launcher = startLauncher(folder);
    url = (await launcher.said(ready))[1] ?? "";
  }, startMs);

  afterAll(async () => {
    launcher.kill("SIGTERM");
    await launcher.exited;
    blocker?.close();
    await rm(folder, { recursive: true, force: true });
  }, 60_000);

  test("moves from a taken port and prints the one that answers", async () => {
    expect(url).not.toContain(":4000/");
    expect(launcher.output()).toMatch(/^gateway: port 4000 is taken, so it listens on \d+$/m);
    const answer = await postGraphql(url, { query: "{ __typename regions { code } }" });
    expect(answer).toMatchObject({ status: 200, data: { __typename: "Query" } });
  });

  test("refuses a second start in the same state, by pid, and harms nothing", async () => {
    const second = startLauncher(folder);
    expect(await second.exited).toBe(1);
    expect(second.output()).toContain(`Atlas already runs in this checkout (pid ${launcher.pid})`);
    expect((await postGraphql(url, { query: "{ __typename }" })).status).toBe(200);
    // The commands that talk to the running region find it by this file.
    const endpoints: unknown = JSON.parse(await readFile(join(folder, "run", "endpoints.json"), "utf8"));
    expect(endpoints).toMatchObject({ graphql: url });
  });

  test("reports a crashed subgraph by its name and starts it again", async () => {
    process.kill(findProcess("subgraphs/mobile/main.js").pid, "SIGKILL");
    await launcher.said(/^mobile: ended unexpectedly \(signal SIGKILL\); starting it again in \d\.\d s$/m);
    await launcher.said(/^mobile: is running again$/m);
    expect(findProcess("subgraphs/mobile/main.js").pid).toBeGreaterThan(0);
  });

  test("starts a crashed PostgreSQL again, and the graph answers from it", async () => {
    process.kill(findProcess("bin/postgres -D").pid, "SIGKILL");
    await launcher.said(/^postgres: ended unexpectedly/m);
    await launcher.said(/^postgres: is running again$/m);
    expect(launcher.output()).not.toMatch(/^postgres: .*FATAL/m);
    const answer = await retry(() =>
      postGraphql<{ regions: unknown[] }>(url, { query: "{ regions { code } }" }),
    );
    expect(answer.data?.regions.length).toBeGreaterThan(0);
  });

  test(
    "leaves no process behind when it is killed outright, and the next start reuses its state",
    async () => {
      const family = descendantsOf(launcher.pid);
      expect(family.length).toBeGreaterThanOrEqual(9);
      launcher.kill("SIGKILL");
      await waitUntilGone(family, 30_000);

      launcher = startLauncher(folder);
      url = (await launcher.said(ready))[1] ?? "";
      expect(launcher.output()).not.toMatch(/^seed /m);
      expect((await postGraphql(url, { query: "{ regions { code } }" })).status).toBe(200);
    },
    startMs,
  );

  test("stops everything, and itself, on Ctrl-C", async () => {
    const family = descendantsOf(launcher.pid);
    launcher.kill("SIGINT");
    expect(await launcher.exited).toBe(0);
    await waitUntilGone(family, 1_000);
    expect(launcher.output()).not.toContain("unexpectedly");
  });

  function findProcess(part: string): ProcessEntry {
    const found = descendantsOf(launcher.pid).filter(({ commandLine }) => commandLine.includes(part));
    // The guard names PostgreSQL in its arguments; the server itself is the last of the two.
    const last = found.filter(({ commandLine }) => !commandLine.includes("guard.js"))[0];
    if (last === undefined) throw new Error(`Expected a process of ${part}.`);
    return last;
  }
});

/** Undefined when somebody else has it already, which serves as well. */
function occupy(port: number): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(undefined));
    server.listen(port, "127.0.0.1", () => resolve(server));
  });
}

async function retry<Result extends { readonly data?: unknown }>(
  ask: () => Promise<Result>,
): Promise<Result> {
  for (const deadline = Date.now() + 15_000; ; ) {
    const result = await ask();
    if (result.data !== null && result.data !== undefined) return result;
    if (Date.now() > deadline) return result;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
