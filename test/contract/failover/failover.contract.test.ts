/**
 * Losing a region and getting it back, step by step, on three real clusters that replicate. The regions' clocks are turned
 * on by ten seconds a step, so that minutes pass in a moment and nothing here depends on how fast the machine is.
 */
import { createServer, type Server } from "node:http";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { pino } from "pino";
import { repairWhenNeeded } from "../../../infra/replication/repairRegion.ts";
import { setSynchronousPeers } from "../../../infra/replication/synchronousPeers.ts";
import { type Db, openDb } from "../../../subgraphs/regions/db.ts";
import { failoverClock, failoverPromiseMs } from "../../../subgraphs/regions/domain/failover/clock.ts";
import { createGuard, type Guard } from "../../../subgraphs/regions/jobs/guardRegions.ts";
import { probeRegion } from "../../../subgraphs/regions/jobs/probeRegion.ts";
import { referenceRows } from "../../../subgraphs/regions/jobs/seed.ts";
import { listenOnFreePort } from "../../support/listenOnFreePort.ts";
import { type Mesh, startMesh } from "../../support/mesh/startMesh.ts";
import { meshDatabase } from "../../support/mesh/startNode.ts";
import { buildOnce } from "../../support/startDatabase.ts";

const stepMs = failoverClock.renewEveryMs;
const codes = ["us-east", "eu-west", "ap-southeast"] as const;

type Region = { readonly db: Db; readonly guard: Guard };

let mesh: Mesh;
const regions = new Map<string, Region>();
/** Milliseconds by which the regions' clocks are ahead of the machine's. */
let turnedMs = 0;
let disposeGateways = (): void => undefined;

beforeAll(async () => {
  await buildOnce();
  mesh = await startMesh();
  const first = openDb({ url: mesh.getNode("us-east").urlOf("regions"), applicationName: "test" });
  await first.seed({ ...referenceRows(), accounts: [], dataSubjects: [], consents: [] });
  await first.close();
  await mesh.settle();
  const gateways = new Map<string, Server>();
  for (const region of codes) gateways.set(region, await serveStandIn(region));
  const urls = new Map([...gateways].map(([region, gateway]) => [region, urlOf(gateway)]));
  for (const region of codes) {
    const node = mesh.getNode(region);
    const others = codes.filter((one) => one !== region);
    await node.asAdmin((client) => setSynchronousPeers(client, region, { others }));
    const db = openDb({ url: node.urlOf("regions"), applicationName: "test" });
    const guard = createGuard({
      db,
      gateways: new Map([...urls].filter(([other]) => other !== region)),
      probe: probeRegion,
      clock: failoverClock,
      log: pino({ level: "silent" }),
    });
    regions.set(region, { db, guard });
  }
  disposeGateways = () => {
    for (const gateway of gateways.values()) gateway.close();
  };
}, 240_000);
afterAll(async () => {
  for (const { db } of regions.values()) await db.close();
  disposeGateways();
  await mesh?.[Symbol.asyncDispose]();
}, 60_000);

/** Stands in for a region's gateway: what it says comes from the region's database. */
async function serveStandIn(region: string): Promise<Server> {
  const server = createServer((_request, response) => {
    mesh
      .getNode(region)
      .query("SELECT code FROM regions.region")
      .then(
        (rows) => response.end(JSON.stringify({ data: { regions: rows } })),
        () => response.end(JSON.stringify({ data: null })),
      );
  });
  await listenOnFreePort(server);
  return server;
}

function urlOf(server: Server): string {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("expected a TCP address");
  return `http://127.0.0.1:${address.port}`;
}

function up(): string[] {
  return codes.filter((code) => mesh.getNode(code).isUp());
}

/** Ten seconds pass in all regions that are up: they look at each other, vote, judge and repair. */
async function step(): Promise<void> {
  turnedMs += stepMs;
  for (const code of up()) await turnClock(code);
  // Heartbeats come by the machine's clock, and on a fast one not in every step: nobody may find the links silent for it.
  await beatAll();
  // Twice: what one wrote the others have seen at their next look, a second later.
  for (const _round of [1, 2]) {
    for (const code of up()) {
      await regions.get(code)?.guard.probe();
      await regions.get(code)?.guard.look();
    }
    await mesh.settle();
  }
  for (const code of up())
    await repairWhenNeeded(toRunning(code), codes.filter((one) => one !== code).map(toRunning));
}

/** Twice, as what was heard of the others is told with the next beat. */
async function beatAll(): Promise<void> {
  for (const _time of [1, 2]) {
    for (const code of up())
      await mesh.getNode(code).asAdmin((client) => client.query("SELECT replication.beat()"));
    await mesh.settle();
  }
}

async function turnClock(code: string): Promise<void> {
  await mesh.getNode(code).query("UPDATE replication.self SET clock_offset_ms = $1", [turnedMs]);
}

function toRunning(code: string) {
  const { member, port, asAdmin } = mesh.getNode(code);
  return {
    member,
    asAdmin,
    address: { host: "127.0.0.1", port, database: meshDatabase, password: mesh.password },
  };
}

/** Steps until it is so; answers how many milliseconds passed. Fails when the promise is broken. */
async function until(isSo: () => Promise<boolean>): Promise<number> {
  for (let passedMs = 0; ; passedMs += stepMs) {
    if (await isSo()) return passedMs;
    if (passedMs >= failoverPromiseMs) throw new Error(`it was not so within ${failoverPromiseMs / 1_000} s`);
    await step();
  }
}

async function statusOf(code: string, seenBy: string): Promise<string | undefined> {
  const [row] = await mesh
    .getNode(seenBy)
    .query<{ status: string }>("SELECT status FROM regions.region WHERE code = $1", [code]);
  return row?.status;
}

async function leaders(): Promise<string[]> {
  const terms = await Promise.all(
    up().map(async (code) => {
      const [row] = await mesh
        .getNode(code)
        .query<{ term: string | null }>("SELECT replication.primary_term() AS term");
      return row?.term === null ? [] : [`${code} in term ${row?.term}`];
    }),
  );
  return terms.flat();
}

const perTestMs = 240_000;

test(
  "from the first start on one region leads, and all serve once two others have seen them",
  async () => {
    await until(async () => {
      const all = await Promise.all(codes.map((code) => statusOf(code, "ap-southeast")));
      return all.every((status) => status === "SERVING");
    });
    expect(await leaders()).toEqual(["us-east in term 1"]);
  },
  perTestMs,
);

test(
  "a killed region is replaced as the primary and out of service within the times of the table",
  async () => {
    await mesh.getNode("us-east").kill();
    const replacedMs = await until(async () => (await leaders()).length === 1);
    expect(replacedMs).toBeLessThanOrEqual(failoverClock.leaseMs + 3 * failoverClock.renewEveryMs);
    expect(await leaders()).toEqual(["eu-west in term 2"]);
    const missedMs = await until(async () => (await statusOf("us-east", "ap-southeast")) === "DOWN");
    const { probeEveryMs, missesUntilDown, probeTimeoutMs } = failoverClock;
    // A step of this clock, and one for the word of the second witness, are the coarseness of the test.
    expect(replacedMs + missedMs).toBeLessThanOrEqual(
      probeEveryMs * missesUntilDown + probeTimeoutMs + 2 * stepMs,
    );
    const events = await mesh
      .getNode("ap-southeast")
      .query("SELECT kind, ended_at FROM regions.failover_event WHERE region_code = 'us-east'");
    expect(events).toEqual([{ kind: "FAILED_OVER", ended_at: null }]);
  },
  perTestMs,
);

test(
  "the survivors repaired each other because a region was lost",
  async () => {
    await until(async () => {
      const rows = await mesh
        .getNode("eu-west")
        .query<{ cause: string }>("SELECT cause FROM regions.region_repair ORDER BY region_code");
      return rows.length === 2 && rows.every(({ cause }) => cause === "us-east was lost");
    });
  },
  perTestMs,
);

test(
  "the returned region may not act in the term that it led in before",
  async () => {
    await mesh.getNode("us-east").start();
    await turnClock("us-east");
    await mesh.settle();
    expect(await leaders()).toEqual(["eu-west in term 2"]);
    await expect(mesh.getNode("us-east").query("SELECT replication.assert_primary(1)")).rejects.toThrow(
      "expected this region to lead in term 1; it does not lead now",
    );
    await expect(mesh.getNode("eu-west").query("SELECT replication.assert_primary(1)")).rejects.toThrow(
      "it leads in term 2",
    );
  },
  perTestMs,
);

test(
  "it serves again when it was seen three times by both others and had fetched what it lacked, not before",
  async () => {
    await until(async () => (await statusOf("us-east", "ap-southeast")) === "RETURNING");
    const backMs = await until(async () => (await statusOf("us-east", "ap-southeast")) === "SERVING");
    expect(backMs).toBeGreaterThanOrEqual((failoverClock.goodsUntilServing - 1) * failoverClock.probeEveryMs);
    const [repair] = await mesh
      .getNode("ap-southeast")
      .query<{ cause: string }>("SELECT cause FROM regions.region_repair WHERE region_code = 'us-east'");
    expect(repair?.cause).toBe("returned");
    const events = await mesh
      .getNode("us-east")
      .query<{ kind: string; is_over: boolean }>(
        "SELECT kind, ended_at IS NOT NULL AS is_over FROM regions.failover_event WHERE region_code = 'us-east' ORDER BY id",
      );
    expect(events).toEqual([
      { kind: "FAILED_OVER", is_over: true },
      { kind: "REJOINED", is_over: true },
    ]);
  },
  perTestMs,
);

test(
  "an order drains the primary: another leads, and the drained region stays out until it is told to rejoin",
  async () => {
    const ordered = (kind: "DRAIN" | "REJOIN") =>
      regions
        .get("ap-southeast")
        ?.db.insertOrder({ region: "eu-west", kind, reason: "new disks", orderedBy: "test" });
    await ordered("DRAIN");
    await until(async () => (await statusOf("eu-west", "us-east")) === "DRAINING");
    const movedMs = await until(async () => {
      const [leader] = await leaders();
      return leader !== undefined && !leader.startsWith("eu-west");
    });
    // Given back, not lapsed.
    expect(movedMs).toBeLessThanOrEqual(failoverClock.leaseMs);
    for (let passed = 0; passed < 4; passed += 1) await step();
    expect(await statusOf("eu-west", "us-east")).toBe("DRAINING");
    await ordered("REJOIN");
    await until(async () => (await statusOf("eu-west", "us-east")) === "SERVING");
  },
  perTestMs,
);
