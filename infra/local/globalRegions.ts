/** How to reach the databases of all regions that `npm run start:global` runs. */
import { hkdfSync } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { RunningRegion } from "../replication/connectRegions.ts";
import { getMember } from "../replication/member.ts";
import { findRunning } from "./lock.ts";
import type { Ports } from "./ports.ts";
import { clusterUrl } from "./postgres/cluster.ts";
import { withClient } from "./prepareDatabase.ts";
import { loadSecrets, type Secrets, state, writePrivately } from "./state.ts";

export const globalDatabase = "atlas";

const file = join(state.folder, "run/regions.json");
const portsByRegion = z.record(z.string(), z.number());

export function toRunningRegion(region: string, port: number, secrets: Secrets): RunningRegion {
  const adminUrl = clusterUrl({ port, password: secrets.superuser }, globalDatabase);
  return {
    member: getMember(region),
    address: { host: "127.0.0.1", port, database: globalDatabase, password: replicationPassword(secrets) },
    asAdmin: (work) => withClient(adminUrl, work),
  };
}

export async function writeGlobalRegions(
  regions: readonly { region: string; ports: Ports }[],
): Promise<void> {
  const ports = Object.fromEntries(regions.map(({ region, ports }) => [region, ports.postgres]));
  await writePrivately(file, JSON.stringify(ports));
}

/** Null when none run in this state folder. */
export async function findGlobalRegions(): Promise<readonly RunningRegion[] | null> {
  if (findRunning() === undefined) return null;
  const text = await readFile(file, "utf8").catch(() => null);
  if (text === null) return null;
  const secrets = await loadSecrets();
  const ports = portsByRegion.parse(JSON.parse(text));
  return Object.entries(ports).map(([region, port]) => toRunningRegion(region, port, secrets));
}

/** Of the roles as which regions read from each other. Derived, so that a checkout's secrets stay what they are. */
function replicationPassword({ contextSecret }: Secrets): string {
  const secret = Buffer.from(contextSecret, "base64url");
  return Buffer.from(hkdfSync("sha256", secret, "", "atlas-replication-password", 24)).toString("base64url");
}
