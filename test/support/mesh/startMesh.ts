/** Regions on one machine: real clusters, real subscriptions between all of them, through links that can fail. */
import { randomBytes } from "node:crypto";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import { joinRegion } from "../../../infra/replication/joinRegion.ts";
import { type Member, members, receiverRole } from "../../../infra/replication/member.ts";
import { repairFrom } from "../../../infra/replication/repair.ts";
import { dropSlot, dropSubscription, subscribeTo } from "../../../infra/replication/subscribeTo.ts";
import { newPasswords } from "../run/databaseHost.ts";
import { findPort } from "../startPart.ts";
import { createHeart } from "./createHeart.ts";
import { type Link, startLink } from "./startLink.ts";
import { createNode, type DatabaseNode, meshDatabase, removeNode } from "./startNode.ts";

export type Mesh = AsyncDisposable & {
  readonly nodes: readonly DatabaseNode[];
  /** Of the roles as which regions read from each other. */
  readonly password: string;
  readonly getNode: (region: string) => DatabaseNode;
  /** The path over which `to` receives what `from` wrote. */
  readonly getLink: (from: string, to: string) => Link;
  /** Fetches from every other node that is up what `region` lacks. Answers how many changes came. */
  readonly repair: (region: string) => Promise<number>;
  /** Brings a region with an empty disk back among the others. */
  readonly rebuild: (region: string) => Promise<void>;
  /** Resolves when everything that was committed before the call, in any node that is up, is in all of them. */
  readonly settle: (timeoutMs?: number) => Promise<void>;
};

export async function startMesh(regions: readonly Member[] = members): Promise<Mesh> {
  const folder = await mkdtemp(join(tmpdir(), "atlas-mesh-"));
  await chmod(folder, 0o711);
  const password = randomBytes(18).toString("base64url");
  const passwords = newPasswords();
  const nodes: DatabaseNode[] = [];
  for (const member of regions) {
    nodes.push(
      createNode({
        member,
        folder: join(folder, member.region),
        port: await findPort(),
        password,
        passwords,
      }),
    );
  }
  const links = new Map<string, Link>();
  for (const from of nodes) {
    for (const to of othersOf(from))
      links.set(`${from.member.region} ${to.member.region}`, await startLink(from.port));
  }
  const heart = createHeart(nodes);

  function othersOf(node: DatabaseNode): DatabaseNode[] {
    return nodes.filter((other) => other !== node);
  }
  function getNode(region: string): DatabaseNode {
    const node = nodes.find(({ member }) => member.region === region);
    if (node === undefined) throw new Error(`there is no node ${region}`);
    return node;
  }
  function getLink(from: string, to: string): Link {
    const link = links.get(`${from} ${to}`);
    if (link === undefined) throw new Error(`there is no link from ${from} to ${to}`);
    return link;
  }
  async function join_(node: DatabaseNode): Promise<void> {
    const others = othersOf(node).map(({ member }) => member);
    await node.asAdmin((client) => joinRegion(client, node.member, others, { password }));
  }
  async function subscribe(from: DatabaseNode, to: DatabaseNode): Promise<void> {
    const { port } = getLink(from.member.region, to.member.region);
    const address = { host: "127.0.0.1", port, database: meshDatabase, password };
    await to.asAdmin((client) => subscribeTo(client, from.member.region, to.member.region, address));
  }

  async function repair(region: string): Promise<number> {
    const node = getNode(region);
    let fetched = 0;
    for (const other of othersOf(node).filter((one) => one.isUp())) {
      const url = new URL(other.adminUrl);
      url.username = receiverRole(region);
      const peer = new pg.Client({ connectionString: url.href });
      await peer.connect();
      try {
        fetched += (await node.asAdmin((own) => repairFrom(own, peer))).fetched;
      } finally {
        await peer.end();
      }
    }
    return fetched;
  }

  const mesh: Mesh = {
    nodes,
    password,
    getNode,
    getLink,
    repair,
    rebuild: async (region) => {
      const node = getNode(region);
      await node.start({ isEmpty: true });
      await join_(node);
      for (const other of othersOf(node)) {
        await other.asAdmin(async (client) => {
          await dropSubscription(client, region, other.member.region);
          await dropSlot(client, other.member.region, region);
        });
        await subscribe(node, other);
        await subscribe(other, node);
      }
      await untilCopied(node);
      await repair(region);
    },
    settle: (timeoutMs = 60_000) => settleNodes(nodes, timeoutMs),
    [Symbol.asyncDispose]: async () => {
      await heart.stop();
      for (const link of links.values()) await link[Symbol.asyncDispose]();
      await Promise.all(nodes.map((node) => node.stop()));
      for (const { member } of nodes) await removeNode(join(folder, member.region));
      await rm(folder, { recursive: true, force: true });
    },
  };

  try {
    await Promise.all(nodes.map((node) => node.start()));
    for (const node of nodes) await join_(node);
    for (const from of nodes) for (const to of othersOf(from)) await subscribe(from, to);
    heart.start();
    await Promise.all(nodes.map(untilCopied));
    return mesh;
  } catch (error) {
    await mesh[Symbol.asyncDispose]();
    throw error;
  }
}

async function untilCopied(node: DatabaseNode): Promise<void> {
  for (const deadline = Date.now() + 60_000; ; await delay(100)) {
    const rows = await node.query("SELECT FROM pg_subscription_rel WHERE srsubstate <> 'r'");
    if (rows.length === 0) return;
    if (Date.now() > deadline)
      throw new Error(`${node.member.region} did not finish its first copy within 60 s`);
  }
}

/** Every region's log position now must be confirmed by every receiver, and what waited for its row be settled. */
async function settleNodes(nodes: readonly DatabaseNode[], timeoutMs: number): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  for (const node of nodes.filter((one) => one.isUp())) {
    const [position] = await node.query<{ lsn: string }>("SELECT pg_current_wal_lsn()::text AS lsn");
    for (; ; await delay(100)) {
      const behind = await node.query<{ slot_name: string }>(
        `SELECT slot_name FROM pg_replication_slots
         WHERE slot_name LIKE '%\\_from\\_%' AND (confirmed_flush_lsn IS NULL OR confirmed_flush_lsn < $1::pg_lsn)`,
        [position?.lsn],
      );
      if (behind.length === 0) break;
      if (Date.now() > deadline)
        throw new Error(
          `not received within ${timeoutMs} ms: ${behind.map((row) => row.slot_name).join(", ")}`,
        );
    }
  }
}
