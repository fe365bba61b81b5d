/** Signed records that a promise of durability was given up on purpose: who may write the table cannot forge one. */
import { createHmac, hkdfSync, timingSafeEqual } from "node:crypto";
import type { ClientBase } from "pg";
import { v7 } from "uuid";

export type WaiverClass = "GLOBAL" | "RESIDENT";

export type Waiver = {
  readonly id: string;
  readonly region: string;
  readonly class: WaiverClass;
  readonly reason: string;
  readonly startedAt: Date;
};

/** From the deployment's secret, which no database has. */
export function deriveWaiverKey(secret: Uint8Array): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", secret, "", "atlas-durability-waiver", 32));
}

export function signWaiver(key: Uint8Array, { id, region, class: kind, reason, startedAt }: Waiver): string {
  const text = JSON.stringify([id, region, kind, reason, startedAt.toISOString()]);
  return createHmac("sha256", key).update(text).digest("base64url");
}

export function isWaiverSigned(key: Uint8Array, waiver: Waiver & { readonly signature: string }): boolean {
  const [expected, given] = [signWaiver(key, waiver), waiver.signature].map((text) => Buffer.from(text));
  return (
    expected !== undefined &&
    given !== undefined &&
    expected.length === given.length &&
    timingSafeEqual(expected, given)
  );
}

/** Does nothing while one of that class is open. */
export async function openWaiver(
  client: ClientBase,
  key: Uint8Array,
  { region, class: kind, reason }: Pick<Waiver, "region" | "class" | "reason">,
): Promise<void> {
  const waiver: Waiver = { id: v7(), region, class: kind, reason, startedAt: new Date() };
  await client.query(
    `INSERT INTO replication.waiver (id, region, class, reason, started_at, signature) SELECT $1, $2, $3, $4, $5, $6
     WHERE NOT EXISTS (SELECT FROM replication.waiver WHERE region = $2 AND class = $3 AND ended_at IS NULL)`,
    [waiver.id, region, kind, reason, waiver.startedAt, signWaiver(key, waiver)],
  );
}

export async function closeWaivers(client: ClientBase, region: string, kind: WaiverClass): Promise<void> {
  await client.query(
    "UPDATE replication.waiver SET ended_at = now() WHERE region = $1 AND class = $2 AND ended_at IS NULL",
    [region, kind],
  );
}
