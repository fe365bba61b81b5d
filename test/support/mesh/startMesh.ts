/** Regions on one machine: real clusters, real subscriptions between all of them, through links that can fail. */
import { randomBytes } from "node:crypto";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { joinRegion } from "../../../infra/replication/joinRegion.ts";
import { members, receiverRole, standbyFor } from "../../../infra/replication/member.ts";
import { repairFrom } from "../../../infra/replication/repair.ts";
import { dropSlot, dropSubscription, subscribeTo } from "../../../infra/replication/subscribeTo.ts";
import { newPasswords } from "../run/databaseHost.ts";
import { findPort } from "../startPart.ts";
import { createHeart } from "./createHeart.ts";
import { settleNodes, untilCopied } from "./settleNodes.ts";
import { type Link, startLink } from "./startLink.ts";
import { createNode, type DatabaseNode, meshDatabase, removeNode } from "./startNode.ts";

export type Mesh = AsyncDisposable & {
  /** The regions, without standbys. */
  readonly nodes: readonly DatabaseNode[];
  readonly standbys: readonly DatabaseNode[];
  /** Of the roles as which regions read from each other. */
  readonly password: string;
  readonly getNode: (region: string) => DatabaseNode;
  /** The path over which `to` receives what `from` wrote. */
  readonly getLink: (from: string, to: string) => Link;
  /** Fetches from every other node that is up what `region` lacks. Answers how many changes came. */
  readonly repair: (region: string) => Promise<number>;
  /** Brings a region whose disk is empty back among the others; may be called again when it failed. */
  readonly rebuild: (region: string) => Promise<void>;
  /** Resolves when everything that was committed before the call, in any node that is up, is in all of them. */
  readonly settle: (timeoutMs?: number) => Promise<void>;
};

type MeshOptions = {
  /** Regions that get a standby inside their jurisdiction. */
  readonly withStandby?: readonly string[];
};

export async function startMesh({ withStandby = [] }: MeshOptions = {}): Promise<Mesh> {
  const folder = await mkdtemp(join(tmpdir(), "atlas-mesh-"));
  await chmod(folder, 0o711);
  const password = randomBytes(18).toString("base64url");
  const passwords = newPasswords();
  const standbyMembers = members.filter(({ region }) => withStandby.includes(region)).map(standbyFor);
  const all: DatabaseNode[] = [];
  for (const member of [...members, ...standbyMembers]) {
    const port = await findPort();
    all.push(createNode({ member, folder: join(folder, member.region), port, password, passwords }));
  }
  const nodes = all.slice(0, members.length);
  const standbys = all.slice(members.length);
  const links = new Map<string, Link>();
  for (const [from, to] of allPairs())
    links.set(`${from.member.region} ${to.member.region}`, await startLink(from.port));
  const heart = createHeart(all);

  /** Sender and receiver of every subscription. */
  function allPairs(): (readonly [DatabaseNode, DatabaseNode])[] {
    return nodes.flatMap((from) => receiversOf(from).map((to) => [from, to] as const));
  }
  function receiversOf(node: DatabaseNode): DatabaseNode[] {
    return all.filter(
      (one) => one !== node && (one.member.standbyOf ?? node.member.region) === node.member.region,
    );
  }
  /** Who may have what a node lacks. */
  function peersOf(node: DatabaseNode): DatabaseNode[] {
    const region = node.member.standbyOf;
    return region === undefined ? receiversOf(node) : [getNode(region)];
  }
  function getNode(region: string): DatabaseNode {
    const node = all.find(({ member }) => member.region === region);
    if (node === undefined) throw new Error(`there is no node ${region}`);
    return node;
  }
  function getLink(from: string, to: string): Link {
    const link = links.get(`${from} ${to}`);
    if (link === undefined) throw new Error(`there is no link from ${from} to ${to}`);
    return link;
  }
  function joinMesh(node: DatabaseNode): Promise<void> {
    const peers = peersOf(node).map(({ member }) => member);
    return node.asAdmin((client) => joinRegion(client, node.member, peers, { password }));
  }
  async function subscribe(from: DatabaseNode, to: DatabaseNode): Promise<void> {
    const { port } = getLink(from.member.region, to.member.region);
    const address = { host: "127.0.0.1", port, database: meshDatabase, password };
    await to.asAdmin((client) => subscribeTo(client, from.member.region, to.member, address));
  }
  async function subscribeAnew(from: DatabaseNode, to: DatabaseNode): Promise<void> {
    await to.asAdmin((client) => dropSubscription(client, from.member.region, to.member.region));
    await from.asAdmin((client) => dropSlot(client, from.member.region, to.member.region));
    await subscribe(from, to);
  }

  async function repair(region: string): Promise<number> {
    const node = getNode(region);
    let fetched = 0;
    for (const peer of peersOf(node).filter((one) => one.isUp())) {
      const url = new URL(peer.adminUrl);
      url.username = receiverRole(region);
      const reader = new pg.Client({ connectionString: url.href });
      reader.on("error", () => undefined);
      await reader.connect();
      try {
        fetched += (await node.asAdmin((own) => repairFrom(own, reader))).fetched;
      } finally {
        await reader.end();
      }
    }
    return fetched;
  }

  const mesh: Mesh = {
    nodes,
    standbys,
    password,
    getNode,
    getLink,
    repair,
    rebuild: async (region) => {
      const node = getNode(region);
      if (!node.isUp()) await node.start({ isEmpty: true });
      await joinMesh(node);
      for (const other of receiversOf(node)) {
        await subscribeAnew(node, other);
        if (other.member.standbyOf === undefined) await subscribeAnew(other, node);
      }
      await untilCopied(node);
      await repair(region);
    },
    settle: (timeoutMs = 60_000) => settleNodes(all, timeoutMs),
    [Symbol.asyncDispose]: async () => {
      await heart.stop();
      for (const link of links.values()) await link[Symbol.asyncDispose]();
      await Promise.all(all.map((node) => node.stop()));
      for (const { member } of all) await removeNode(join(folder, member.region));
      await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    },
  };

  try {
    await Promise.all(all.map((node) => node.start()));
    for (const node of all) await joinMesh(node);
    for (const [from, to] of allPairs()) await subscribe(from, to);
    heart.start();
    await Promise.all(all.map(untilCopied));
    return mesh;
  } catch (error) {
    await mesh[Symbol.asyncDispose]();
    throw error;
  }
}
