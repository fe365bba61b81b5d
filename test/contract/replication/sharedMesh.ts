/**
 * The three regions that all files of this suite use: to make them takes seconds. Bindings are set by openMesh and live, so whoever
 * imports them has what is there now. Each test uses rows of its own.
 */
import { setTimeout as delay } from "node:timers/promises";
import { type Mesh, startMesh } from "../../support/mesh/startMesh.ts";
import type { DatabaseNode } from "../../support/mesh/startNode.ts";
import { buildOnce } from "../../support/startDatabase.ts";

export let mesh: Mesh;
export let us: DatabaseNode;
export let eu: DatabaseNode;
export let ap: DatabaseNode;

export async function openMesh(): Promise<void> {
  await buildOnce();
  mesh = await startMesh();
  [us, eu, ap] = [mesh.getNode("us-east"), mesh.getNode("eu-west"), mesh.getNode("ap-southeast")];
}

export async function closeMesh(): Promise<void> {
  await mesh?.[Symbol.asyncDispose]();
}

export const paused = { kind: "paused", forth: true, back: true } as const;
export const perTestMs = 90_000;

export function cutOff(region: string): void {
  for (const other of mesh.nodes.map(({ member }) => member.region).filter((one) => one !== region)) {
    mesh.getLink(region, other).fail(paused);
    mesh.getLink(other, region).fail(paused);
  }
}

export function mend(): void {
  for (const from of mesh.nodes) {
    for (const to of mesh.nodes) {
      if (from !== to) mesh.getLink(from.member.region, to.member.region).fail(undefined);
    }
  }
}

export function insertSubject(node: DatabaseNode, id: string, residency: string, pseudonym = "first") {
  return node.query(
    "INSERT INTO regions.data_subject (id, tenant, residency, pseudonym, jurisdiction_code) VALUES ($1, 'acme', $2, $3, 'US')",
    [id, residency, pseudonym],
  );
}

export function rename(node: DatabaseNode, id: string, pseudonym: string) {
  return node.query("UPDATE regions.data_subject SET pseudonym = $2 WHERE id = $1", [id, pseudonym]);
}

export async function nameOf(node: DatabaseNode, id: string): Promise<string | undefined> {
  const rows = await node.query<{ pseudonym: string }>(
    "SELECT pseudonym FROM regions.data_subject WHERE id = $1",
    [id],
  );
  return rows[0]?.pseudonym;
}

export function everywhere(id: string): Promise<(string | undefined)[]> {
  return Promise.all([us, eu, ap].map((node) => nameOf(node, id)));
}

export type Logged = { readonly op: string; readonly content: { readonly pseudonym?: string } | null };

export function log(node: DatabaseNode, id: string): Promise<Logged[]> {
  return node.query<Logged>("SELECT op, content FROM replication.change WHERE pk = $1 ORDER BY hlc", [id]);
}

/** As the apply worker does it: every change of the row, a second time. */
export function deliverAgain(node: DatabaseNode, id: string): Promise<void> {
  return node.asAdmin(async (client) => {
    await client.query("SET session_replication_role = replica");
    await client.query("INSERT INTO replication.change SELECT * FROM replication.change WHERE pk = $1", [id]);
  });
}

/** Waits for something that must come; a mesh on a busy machine may take its time. */
export async function until(isTrue: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; await delay(50)) {
    if (await isTrue()) return;
  }
  throw new Error(`did not come true within 60 s: ${isTrue}`);
}
