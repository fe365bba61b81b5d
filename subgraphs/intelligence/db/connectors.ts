/** Connectors and their leases. A lease has a number; who writes names it, and only the newest number writes. */
import {
  type Connector as ConnectorRow,
  Prisma,
  type PrismaClient,
  type Source,
} from "../../../prisma/generated/client.ts";
import { type DatabaseOptions, openPrisma } from "../../shared/prisma.ts";
import type { Connector, ConnectorKind, Progress } from "../jobs/connectors/connector.ts";
import type { SourceFacts } from "../jobs/importers/importer.ts";

export type ConnectorQueries = ReturnType<typeof createConnectorQueries>;

export type NewConnector = {
  readonly code: string;
  readonly sourceCode: string;
  readonly kind: ConnectorKind;
  readonly importer: string;
  readonly url: string;
  readonly everySeconds: number;
  readonly bytesMax: number;
};

export type Lease = { readonly code: string; readonly leaseNumber: number };

/** `source` is null until it is registered or imported for the first time. */
export type DueConnector = Connector &
  Lease & {
    readonly sourceCode: string;
    readonly importer: string;
    readonly everySeconds: number;
    readonly source: SourceFacts | null;
  };

/** For a command that does nothing else. */
export function openConnectorDb(options: DatabaseOptions) {
  const prisma = openPrisma(options);
  return { ...createConnectorQueries(prisma), close: () => prisma.$disconnect() };
}

export function createConnectorQueries(prisma: PrismaClient) {
  const changeLeased = async ({ code, leaseNumber }: Lease, changes: Prisma.Sql): Promise<boolean> => {
    const count = await prisma.$executeRaw`
      UPDATE intelligence.connector SET ${changes} WHERE code = ${code} AND lease_number = ${leaseNumber}`;
    return count === 1;
  };
  const findSource = async (code: string): Promise<SourceFacts | null> => {
    const source = await prisma.source.findUnique({ where: { code } });
    return source === null ? null : toFacts(source);
  };
  return {
    findSource,

    findConnectorsOfSources: (codes: readonly string[]): Promise<ConnectorRow[]> =>
      prisma.connector.findMany({ where: { sourceCode: { in: [...codes] } }, orderBy: { code: "asc" } }),

    /** Changes what is asked for; where it goes on stays, unless it goes elsewhere now. It is due at once. */
    storeConnector: async (connector: NewConnector): Promise<void> => {
      const { code, sourceCode, kind, importer, url, everySeconds, bytesMax } = connector;
      await prisma.$executeRaw`
        INSERT INTO intelligence.connector AS stored (code, source_code, kind, importer, url, every_seconds, bytes_max)
        VALUES (${code}, ${sourceCode}, ${kind}, ${importer}, ${url}, ${everySeconds}, ${bytesMax})
        ON CONFLICT (code) DO UPDATE SET
          source_code = EXCLUDED.source_code, kind = EXCLUDED.kind, importer = EXCLUDED.importer, url = EXCLUDED.url,
          every_seconds = EXCLUDED.every_seconds, bytes_max = EXCLUDED.bytes_max, next_at = now(), failures = 0,
          etag = CASE WHEN stored.url = EXCLUDED.url THEN stored.etag END,
          last_modified = CASE WHEN stored.url = EXCLUDED.url THEN stored.last_modified END,
          watermark = CASE WHEN stored.url = EXCLUDED.url THEN stored.watermark END`;
    },

    /** The connector that is due for longest and that nobody works on, for `leaseMs`; null when there is none. */
    takeDueConnector: async (leaseMs: number): Promise<DueConnector | null> => {
      const [taken] = await prisma.$queryRaw<(Omit<DueConnector, "source"> & { code: string })[]>`
        /* atlas:background */ UPDATE intelligence.connector SET lease_number = lease_number + 1,
          lease_until = clock_timestamp() + ${leaseMs} * interval '1 millisecond'
        WHERE code = (
          SELECT code FROM intelligence.connector
          WHERE next_at <= clock_timestamp() AND (lease_until IS NULL OR lease_until < clock_timestamp())
          ORDER BY next_at, code LIMIT 1 FOR UPDATE SKIP LOCKED
        )
        RETURNING code, source_code AS "sourceCode", kind, importer, url, every_seconds AS "everySeconds",
          bytes_max AS "bytesMax", etag, last_modified AS "lastModified", watermark, failures,
          lease_number AS "leaseNumber"`;
      if (taken === undefined) return null;
      return { ...taken, source: await findSource(taken.sourceCode) };
    },

    /** False when another process has the connector by now. */
    keepConnector: (lease: Lease, leaseMs: number): Promise<boolean> =>
      changeLeased(
        lease,
        Prisma.sql`lease_until = clock_timestamp() + ${leaseMs} * interval '1 millisecond'`,
      ),

    /** False, with nothing written, when another process has the connector by now. */
    moveConnector: (lease: Lease, progress: Progress): Promise<boolean> => {
      const { etag, lastModified, watermark } = progress;
      return changeLeased(
        lease,
        Prisma.sql`failures = 0,
          etag = ${etag === undefined ? Prisma.sql`etag` : Prisma.sql`${etag}`},
          last_modified = ${lastModified === undefined ? Prisma.sql`last_modified` : Prisma.sql`${lastModified}`},
          watermark = ${watermark === undefined ? Prisma.sql`watermark` : Prisma.sql`${watermark}`}`,
      );
    },

    /** `isDue`: the source has more, which need not wait for the interval. */
    finishConnector: (
      lease: Lease,
      { outcome, isDue }: { readonly outcome: "CHANGED" | "UNCHANGED"; readonly isDue: boolean },
    ): Promise<boolean> =>
      changeLeased(
        lease,
        Prisma.sql`lease_until = NULL, failures = 0, last_failure = NULL, last_outcome = ${outcome},
          last_run_at = clock_timestamp(),
          next_at = clock_timestamp() + CASE WHEN ${isDue} THEN 0 ELSE every_seconds END * interval '1 second'`,
      ),

    failConnector: (
      lease: Lease,
      { reason, pauseMs }: { readonly reason: string; readonly pauseMs: number },
    ): Promise<boolean> =>
      changeLeased(
        lease,
        Prisma.sql`lease_until = NULL, failures = failures + 1, last_failure = ${reason.slice(0, 1_000)},
          last_outcome = 'FAILED', last_run_at = clock_timestamp(),
          next_at = clock_timestamp() + ${pauseMs} * interval '1 millisecond'`,
      ),
  };
}

function toFacts({ id: _id, ...facts }: Source): SourceFacts {
  return facts as SourceFacts; // domain and reliability have a check in the table
}
