/** Queries on sources and on what came of their imports. */
import type {
  ImportRun,
  IngestTally,
  Prisma,
  QuarantinedRecord,
  QuarantinedSignal,
  Source,
} from "../../../prisma/generated/client.ts";
import type { Reader } from "../../shared/filters/rowFilter.ts";
import { naturalId } from "../../shared/ids.ts";
import { isVisible, type WithParent } from "./sql.ts";

export type IngestionRow = {
  /** Code of the region. */
  readonly parent: string;
  readonly signalCount: number;
  readonly lastSignalAt: Date | null;
  readonly quarantined: number;
};

export function createSourceQueries(prisma: Prisma.TransactionClient) {
  return {
    findSources: () => prisma.source.findMany({ orderBy: { code: "asc" } }),
    findSourcesByCode: (codes: readonly string[]) =>
      prisma.source.findMany({ where: { code: { in: [...codes] } } }),
    findSourcesById: (ids: readonly string[]) => prisma.source.findMany({ where: { id: { in: [...ids] } } }),
    /** Facts of sources that are known already are brought up to date; their ids stay. */
    storeSources: async (sources: readonly Omit<Source, "id">[]): Promise<void> => {
      for (const { code, ...facts } of sources) {
        const create = { id: naturalId("public", "source", code), code, ...facts };
        await prisma.source.upsert({ where: { code }, create, update: facts });
      }
    },

    countSignalsOfSources: (
      reader: Reader,
      codes: readonly string[],
    ): Promise<WithParent<{ count: number }>[]> =>
      prisma.$queryRaw<WithParent<{ count: number }>[]>`
        SELECT s.source_code AS parent, count(*)::int AS count FROM intelligence.signal s
        WHERE s.source_code = ANY (${[...codes]}::text[]) AND ${isVisible("s", reader, "Signal")}
        GROUP BY s.source_code`,

    findImportRuns: (take: number, sourceCode?: string): Promise<ImportRun[]> =>
      prisma.importRun.findMany({
        where: sourceCode === undefined ? {} : { sourceCode },
        orderBy: [{ startedAt: "desc" }, { id: "desc" }],
        take,
      }),
    findImportRunsById: (ids: readonly string[]) =>
      prisma.importRun.findMany({ where: { id: { in: [...ids] } } }),
    findLastImportRuns: (sourceCodes: readonly string[]): Promise<ImportRun[]> =>
      prisma.importRun.findMany({
        where: { sourceCode: { in: [...sourceCodes] } },
        orderBy: [{ sourceCode: "asc" }, { startedAt: "desc" }, { id: "desc" }],
        distinct: ["sourceCode"],
      }),

    findQuarantinedRecords: (
      importRunIds: readonly string[],
      take: number,
    ): Promise<WithParent<QuarantinedRecord>[]> =>
      prisma.$queryRaw<WithParent<QuarantinedRecord>[]>`
        SELECT asked.id AS parent, q.id, q.import_run_id AS "importRunId", q.source_code AS "sourceCode",
               q.position, q.location, q.reason, q.record
        FROM unnest(${[...importRunIds]}::uuid[]) AS asked (id)
        CROSS JOIN LATERAL (
          SELECT * FROM intelligence.quarantined_record q
          WHERE q.import_run_id = asked.id ORDER BY q.position, q.id LIMIT ${take}
        ) q
        ORDER BY q.position, q.id`,

    findIngestTallies: (tenant: string, regionCodes: readonly string[]): Promise<IngestTally[]> =>
      prisma.ingestTally.findMany({
        where: { regionCode: { in: [...regionCodes] }, tenant: { in: [tenant, "public"] } },
        orderBy: [{ sourceCode: "asc" }, { outcome: "asc" }, { reason: "asc" }],
      }),

    findQuarantinedSignals: (
      tenant: string,
      regionCodes: readonly string[],
      take: number,
    ): Promise<WithParent<QuarantinedSignal>[]> =>
      prisma.$queryRaw<WithParent<QuarantinedSignal>[]>`
        SELECT asked.code AS parent, q.id, q.region_code AS "regionCode", q.tenant, q.source_code AS "sourceCode",
               q.reason, q.message, q.record, q.received_at AS "receivedAt"
        FROM unnest(${[...regionCodes]}::text[]) AS asked (code)
        CROSS JOIN LATERAL (
          SELECT * FROM intelligence.quarantined_signal q
          WHERE q.region_code = asked.code AND q.tenant = ${tenant} ORDER BY q.received_at DESC, q.id DESC LIMIT ${take}
        ) q
        ORDER BY q.received_at DESC, q.id DESC`,

    findIngestionOfRegions: (
      reader: Reader,
      regionCodes: readonly string[],
    ): Promise<WithParent<IngestionRow>[]> =>
      prisma.$queryRaw<WithParent<IngestionRow>[]>`
        SELECT asked.code AS parent, signals.count AS "signalCount", signals.last AS "lastSignalAt",
               imports.quarantined AS quarantined
        FROM unnest(${[...regionCodes]}::text[]) AS asked (code)
        CROSS JOIN LATERAL (
          SELECT count(*)::int AS count, max(s.ingested_at) AS last FROM intelligence.signal s
          WHERE s.ingest_region_code = asked.code AND ${isVisible("s", reader, "Signal")}
        ) signals
        CROSS JOIN LATERAL (
          SELECT coalesce(sum(run.quarantined), 0)::int AS quarantined FROM intelligence.import_run run
          WHERE run.region_code = asked.code
        ) imports`,
  };
}
