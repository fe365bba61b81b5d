/** Makes running, migrated databases replicate with each other; done again, it changes only what has moved. */
import { setTimeout as delay } from "node:timers/promises";
import type pg from "pg";
import { assertPublications } from "./assertPublications.ts";
import { handOver } from "./handOver.ts";
import { joinRegion } from "./joinRegion.ts";
import { type Member, subscriptionName } from "./member.ts";
import { type Address, redirectSubscription, subscribeTo } from "./subscribeTo.ts";
import { setSynchronousPeers } from "./synchronousPeers.ts";

export type RunningRegion = {
  readonly member: Member;
  readonly address: Address;
  /** A superuser's connection for one piece of work. */
  readonly asAdmin: <Result>(work: (client: pg.Client) => Promise<Result>) => Promise<Result>;
};

/** Throws a WrongPublication when a region would send what it may not. */
export async function connectRegions(regions: readonly RunningRegion[]): Promise<void> {
  const othersOf = (region: RunningRegion) => regions.filter((one) => one !== region);
  for (const region of regions) {
    const others = othersOf(region).map(({ member }) => member);
    await region.asAdmin(async (client) => {
      await joinRegion(client, region.member, others, region.address);
      await assertPublications(client, others);
    });
  }
  for (const to of regions) for (const from of othersOf(to)) await connect(from, to);
  for (const region of regions) await untilCopied(region);
  for (const region of regions) await handOver(region, othersOf(region));
  for (const region of regions) {
    const others = othersOf(region).map(({ member }) => member.region);
    await region.asAdmin((client) => setSynchronousPeers(client, region.member.region, { others }));
  }
}

function connect(from: RunningRegion, to: RunningRegion): Promise<void> {
  const name = subscriptionName(from.member.region, to.member.region);
  return to.asAdmin(async (client) => {
    const { rowCount } = await client.query("SELECT FROM pg_subscription WHERE subname = $1", [name]);
    if (rowCount === 0) await subscribeTo(client, from.member.region, to.member, from.address);
    else await redirectSubscription(client, from.member.region, to.member.region, from.address);
  });
}

const copyMs = 300_000;

async function untilCopied({ member, asAdmin }: RunningRegion): Promise<void> {
  for (const deadline = Date.now() + copyMs; ; await delay(200)) {
    const { rowCount } = await asAdmin((client) =>
      client.query("SELECT FROM pg_subscription_rel WHERE srsubstate <> 'r'"),
    );
    if (rowCount === 0) return;
    if (Date.now() > deadline)
      throw new Error(`${member.region} did not finish its first copy within ${copyMs / 1_000} s`);
  }
}
