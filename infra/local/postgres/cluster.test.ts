import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { buildOnce } from "../../../test/support/startDatabase.ts";
import { findPort } from "../../../test/support/startPart.ts";
import { withClient } from "../prepareDatabase.ts";
import { type Cluster, startCluster } from "./cluster.ts";
import { removeOutside } from "./placement.ts";

describe("startCluster", () => {
  let folder: string;
  let started: Cluster[];

  beforeAll(buildOnce, 120_000);

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "atlas cluster "));
    await chmod(folder, 0o711);
    started = [];
  });

  afterEach(async () => {
    await Promise.all(started.map(({ stop }) => stop()));
    await removeOutside(join(folder, "postgres"));
    await rm(folder, { recursive: true, force: true });
  });

  test("makes PostgreSQL 18 with logical replication, reachable with the password alone, and keeps its rows", async () => {
    const first = await start();
    await run(first, "CREATE TABLE book AS SELECT 1 AS id");
    expect(await run(first, "SHOW server_version_num")).toEqual([
      { server_version_num: expect.stringMatching(/^18/) },
    ]);
    expect(await run(first, "SHOW wal_level")).toEqual([{ wal_level: "logical" }]);
    await first.stop();

    const second = await start();
    expect(await run(second, "SELECT id FROM book")).toEqual([{ id: 1 }]);
    await second.stop();
    await expect(start({ password: "wrong" })).rejects.toThrow(/refused our password.*npm run reset/s);
  });

  test("makes a data folder anew that an interrupted initdb left", async () => {
    await mkdir(join(folder, "postgres/data.new"), { recursive: true });
    await writeFile(join(folder, "postgres/data.new/PG_VERSION"), "18\n");
    const cluster = await start();
    expect(await run(cluster, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
  });

  test("refuses a data folder of another version and says what to do", async () => {
    await mkdir(join(folder, "postgres/data"), { recursive: true });
    await writeFile(join(folder, "postgres/data/PG_VERSION"), "17\n");
    await expect(start()).rejects.toThrow(/made by PostgreSQL 17, this is PostgreSQL 18.*npm run reset/s);
  });

  test("does not pass over a data folder because PostgreSQL's account cannot reach it any more", async () => {
    const first = await start();
    await run(first, "CREATE TABLE book AS SELECT 1 AS id");
    await first.stop();
    await chmod(folder, 0o700);
    const second = await start();
    expect(await run(second, "SELECT id FROM book")).toEqual([{ id: 1 }]);
  });

  test("starts over a lock whose pid belongs to somebody else by now", async () => {
    const cluster = await start();
    await cluster.stop();
    await writeFile(join(folder, "postgres/data/postmaster.pid"), `${process.pid}\n`);
    const again = await start();
    expect(await run(again, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
  });

  test("stops a server that outlived its guard, then starts its own", async () => {
    const first = await start();
    await run(first, "CREATE TABLE book AS SELECT 1 AS id");
    const [orphan] = (await readFile(join(folder, "postgres/data/postmaster.pid"), "utf8")).split("\n");
    process.kill(first.pid, "SIGKILL");
    await first.exited;

    const second = await start();
    expect(await run(second, "SELECT id FROM book")).toEqual([{ id: 1 }]);
    expect((await readFile(join(folder, "postgres/data/postmaster.pid"), "utf8")).split("\n")[0]).not.toBe(
      orphan,
    );
  });

  test("says what PostgreSQL said when it does not start", async () => {
    await expect(start({ settings: { shared_buffers: "a lot" } })).rejects.toThrow(
      /stopped while starting\. It said:.*shared_buffers/s,
    );
  });

  async function start(options: Partial<Parameters<typeof startCluster>[0]> = {}): Promise<Cluster> {
    const port = await findPort();
    const cluster = await startCluster({
      folder: join(folder, "postgres"),
      port,
      password: "secret",
      ...options,
    });
    started.push(cluster);
    return cluster;
  }

  async function run(cluster: Cluster, sql: string): Promise<unknown[]> {
    return withClient(cluster.urlOf("postgres"), async (client) => (await client.query(sql)).rows);
  }
});
