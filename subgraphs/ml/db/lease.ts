/** One coordinator at a time. The epoch grows with every holder, and a write that names an old one does nothing. */
import { z } from "zod";
import type { Prisma } from "../../../prisma/generated/client.ts";

export type Lease = { readonly name: string; readonly epoch: bigint };

const leaseRow = z.object({ epoch: z.bigint() });

/** Somebody else coordinates now; whoever meets it stops and asks for the lease again. */
export class LeaseLost extends Error {
  constructor({ name, epoch }: Lease) {
    super(`the lease ${name} of epoch ${epoch} has gone to another holder, or its time was up`);
    this.name = "LeaseLost";
  }
}

export function createLeaseQueries(prisma: Prisma.TransactionClient) {
  return {
    /** Takes the lease when it is free or its time is up, and prolongs one's own. The clock is PostgreSQL's. */
    takeLease: async (name: string, holder: string, lengthMs: number): Promise<Lease | undefined> => {
      const rows = leaseRow.array().parse(
        await prisma.$queryRaw`
          INSERT INTO ml.lease AS lease (name, holder, epoch, expires_at)
          VALUES (${name}, ${holder}, 1, now() + ${lengthMs} * interval '1 millisecond')
          ON CONFLICT (name) DO UPDATE SET
            epoch = CASE WHEN lease.holder = excluded.holder AND lease.expires_at > now()
                         THEN lease.epoch ELSE lease.epoch + 1 END,
            holder = excluded.holder,
            expires_at = excluded.expires_at
          WHERE lease.holder = excluded.holder OR lease.expires_at <= now()
          RETURNING epoch`,
      );
      return rows[0] && { name, epoch: rows[0].epoch };
    },
    /** Holds the lease until the transaction ends; throws LeaseLost when it is another's. */
    assertLease: async (lease: Lease): Promise<void> => {
      const rows = await prisma.$queryRaw<unknown[]>`
        SELECT 1 FROM ml.lease
        WHERE name = ${lease.name} AND epoch = ${lease.epoch} AND expires_at > now() FOR SHARE`;
      if (rows.length === 0) throw new LeaseLost(lease);
    },
    /** At a clean stop, so that the next one need not wait. */
    releaseLease: async ({ name, epoch }: Lease): Promise<void> => {
      await prisma.$executeRaw`
        UPDATE ml.lease SET expires_at = now() WHERE name = ${name} AND epoch = ${epoch}`;
    },
  };
}
