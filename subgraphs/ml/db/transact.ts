/** Writes of the coordinator: all or nothing, and nothing when another one holds the lease. */
import type { PrismaClient } from "../../../prisma/generated/client.ts";
import { createLeaseQueries, type Lease } from "./lease.ts";
import { createRoundQueries } from "./rounds.ts";

/** What a step of a round reads and writes with. */
export type RoundQueries = ReturnType<typeof createRoundQueries>;

export function createTransact(prisma: PrismaClient) {
  return {
    /** Throws LeaseLost before anything is written. */
    transactWithLease: <Result>(lease: Lease, work: (queries: RoundQueries) => Promise<Result>) =>
      prisma.$transaction(async (tx) => {
        await createLeaseQueries(tx).assertLease(lease);
        return work(createRoundQueries(tx));
      }),
    transactRound: <Result>(work: (queries: RoundQueries) => Promise<Result>) =>
      prisma.$transaction((tx) => work(createRoundQueries(tx))),
  };
}
