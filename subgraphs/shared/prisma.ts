/** The one place that opens a Prisma client; each subgraph's db.ts asks for it and nobody else does. */
import { PrismaPg } from "@prisma/adapter-pg";
import { PrismaClient } from "../../prisma/generated/client.ts";

export type DatabaseOptions = {
  /** Connects as the subgraph's own role, which reaches no other schema. */
  readonly url: string;
  /** Shown by pg_stat_activity, so that an operator sees who holds what. */
  readonly applicationName: string;
  /** Connections at most. Default 10. */
  readonly connectionsMax?: number;
  /** How long one statement may take, its way there and back included. Default 15,000; what takes longer rejects. */
  readonly queryTimeoutMs?: number;
};

export function openPrisma(options: DatabaseOptions): PrismaClient {
  return new PrismaClient({
    adapter: new PrismaPg({
      connectionString: options.url,
      application_name: options.applicationName,
      max: options.connectionsMax ?? 10,
      connectionTimeoutMillis: 5_000,
      // A peer that is cut off says nothing: without a limit its connections, and who waits for them, hang for ever.
      query_timeout: options.queryTimeoutMs ?? 15_000,
      keepAlive: true,
    }),
  });
}
