/**
 * What happens when no other region takes synchronous copies is a choice, made before it happens. `refuse`: durable writes
 * are refused with a typed error (replication.wait_for_peers()), and those that wait go on waiting. `waive`: after a while
 * a signed waiver is recorded, waiting commits are let go and others no longer wait, until a peer is back.
 */
import type { ClientBase } from "pg";
import { subscriptionName } from "./member.ts";
import { type Peers, setSynchronousPeers } from "./synchronousPeers.ts";
import { closeWaivers, openWaiver } from "./waivers.ts";

export type PeerPolicy = {
  readonly region: string;
  readonly peers: Peers;
  readonly whenAlone: "refuse" | "waive";
  /** How long a region must be alone before it waives. */
  readonly graceMs: number;
  readonly key: Uint8Array;
};

export type PeerState =
  | { readonly kind: "together" }
  | { readonly kind: "alone"; readonly sinceMs: number; readonly isWaived: boolean };

/** One look, to be repeated with the state that the last one answered. */
export async function watchPeers(
  client: ClientBase,
  policy: PeerPolicy,
  last: PeerState,
  nowMs: number,
): Promise<PeerState> {
  const { region, peers, whenAlone, graceMs, key } = policy;
  if (await isAnyThere(client, policy)) {
    if (last.kind === "alone" && last.isWaived) {
      // First they count again, then the promise holds again.
      await setSynchronousPeers(client, region, peers);
      await closeWaivers(client, region, "GLOBAL");
    }
    return { kind: "together" };
  }
  const sinceMs = last.kind === "alone" ? last.sinceMs : nowMs;
  const isWaived = last.kind === "alone" && last.isWaived;
  if (isWaived || whenAlone === "refuse" || nowMs - sinceMs < graceMs)
    return { kind: "alone", sinceMs, isWaived };
  const reason = `no other region took copies for ${Math.round((nowMs - sinceMs) / 1_000)} s`;
  await openWaiver(client, key, { region, class: "GLOBAL", reason });
  await setSynchronousPeers(client, region, { others: [] });
  return { kind: "alone", sinceMs, isWaived: true };
}

async function isAnyThere(client: ClientBase, { region, peers }: PeerPolicy): Promise<boolean> {
  const names = peers.others.map((to) => subscriptionName(region, to));
  const { rowCount } = await client.query(
    "SELECT FROM pg_stat_replication WHERE state = 'streaming' AND application_name = ANY ($1)",
    [names],
  );
  return rowCount !== 0;
}
