/**
 * What imports write: one statement a table and batch, which inserts, replaces what is older, and answers the keys of
 * the rows that are new or changed. Rows travel as one JSON parameter, so a thousand rows are as simple as one.
 */
import { Prisma, type PrismaClient } from "../../../prisma/generated/client.ts";
import { naturalId, newId } from "../../shared/ids.ts";
import { type DatabaseOptions, openPrisma } from "../../shared/prisma.ts";
import type { Importer, Rows, SignalRow, SourceFacts } from "../jobs/importers/importer.ts";
import { type Table, tables } from "./importTables.ts";

export type ImportQueries = ReturnType<typeof createImportQueries>;

/** For a process that imports and does nothing else. */
export function openImportDb(
  options: DatabaseOptions,
): ImportQueries & { readonly close: () => Promise<void> } {
  const prisma = openPrisma(options);
  return { ...createImportQueries(prisma), close: () => prisma.$disconnect() };
}

export function createImportQueries(prisma: PrismaClient) {
  /** Facts of a source that is known already are brought up to date. */
  const storeSource = async (facts: SourceFacts): Promise<void> => {
    // Two regions that learn of it apart must agree on its id.
    const id = naturalId("public", "source", facts.code);
    await prisma.source.upsert({ where: { code: facts.code }, create: { id, ...facts }, update: facts });
  };
  return {
    storeSource,

    /** Answers the id of the run. */
    startImportRun: async (run: NewImportRun): Promise<string> => {
      const facts = run.source;
      await storeSource(facts);
      const { id: runId } = await prisma.importRun.create({
        data: {
          id: newId(),
          sourceCode: facts.code,
          location: run.location,
          regionCode: run.regionCode,
          startedAt: run.startedAt,
        },
      });
      return runId;
    },

    finishImportRun: async (id: string, outcome: ImportOutcome): Promise<void> => {
      await prisma.importRun.update({ where: { id }, data: { ...outcome } });
    },

    insertQuarantined: async (records: readonly NewQuarantinedRecord[]): Promise<void> => {
      await prisma.quarantinedRecord.createMany({
        data: records.map((record) => ({ id: newId(), ...record })),
      });
    },

    /**
     * Writes the rows in one transaction and answers the keys of those that are new or changed. Throws RowsRefused,
     * with nothing written, when the database refuses a value.
     */
    writeRows: async (rows: Rows, options: WriteOptions): Promise<ReadonlySet<string>> => {
      try {
        return await prisma.$transaction((tx) => writeRows(tx, rows, options), {
          timeout: 120_000,
          maxWait: 30_000,
        });
      } catch (error) {
        throw isDataFault(error) ? new RowsRefused(reasonOf(error), { cause: error }) : error;
      }
    },
  };
}

export type NewImportRun = {
  readonly source: SourceFacts;
  readonly location: string;
  readonly regionCode: string;
  readonly startedAt: Date;
};

export type ImportOutcome = {
  readonly finishedAt: Date;
  readonly sha256: string | null;
  readonly read: number;
  readonly written: number;
  readonly unchanged: number;
  readonly quarantined: number;
  /** Why and where the run broke off; null when it reached the end. */
  readonly failure: string | null;
};

export type NewQuarantinedRecord = {
  readonly importRunId: string;
  readonly sourceCode: string;
  readonly position: number;
  readonly location: string;
  readonly reason: string;
  readonly record: string;
};

export type WriteOptions = {
  readonly regionCode: string;
  /** Whether a newer date alone is a change. Where it is the date of the whole file, it is not. */
  readonly dated: Importer["dated"];
};

/** The database refused a value of these rows: a text that is none in UTF-8, a number out of range, a broken rule. */
export class RowsRefused extends Error {
  override readonly name = "RowsRefused";
}

async function writeRows(
  tx: Prisma.TransactionClient,
  rows: Rows,
  { dated, regionCode }: WriteOptions,
): Promise<ReadonlySet<string>> {
  const upsert = (table: Table, given: readonly object[]): Promise<string[]> =>
    upsertRows(tx, table, given, dated);
  const signals = await placeSignals(tx, rows.signals);
  const writtenSignals = await upsert(
    tables.signal,
    signals.map((signal) => ({ ...signal, ingestRegionCode: regionCode })),
  );
  await linkEntities(tx, signals, writtenSignals);
  return new Set([
    ...writtenSignals,
    ...(await upsert(tables.entity, rows.entities)),
    ...(await upsert(tables.relation, rows.relations)),
    ...(await upsert(tables.stixObject, rows.stixObjects)),
    ...(await upsert(tables.indicator, rows.indicators)),
    ...(await upsert(tables.observation, rows.observations)),
  ]);
}

/** Gives each signal that follows another one the country of that one, in one look-up. */
async function placeSignals(
  tx: Prisma.TransactionClient,
  signals: readonly SignalRow[],
): Promise<SignalRow[]> {
  const followed = signals.flatMap(({ countryOf }) => countryOf ?? []);
  const found =
    followed.length === 0
      ? []
      : await tx.signal.findMany({
          where: { id: { in: followed } },
          select: { id: true, countryCode: true },
        });
  const countries = new Map(found.map(({ id, countryCode }) => [id, countryCode]));
  return signals.map(({ countryOf, ...signal }) => ({
    ...signal,
    countryCode: signal.countryCode ?? (countryOf === undefined ? null : (countries.get(countryOf) ?? null)),
  }));
}

/** The entities of written signals become those given, no more and no less; other signals keep theirs. */
async function linkEntities(
  tx: Prisma.TransactionClient,
  signals: readonly SignalRow[],
  written: readonly string[],
): Promise<void> {
  if (written.length === 0) return;
  const isWritten = new Set(written);
  const links = signals
    .filter(({ id }) => isWritten.has(id))
    .flatMap(({ id, entityIds }) => entityIds.map((entityId) => ({ signal_id: id, entity_id: entityId })));
  await tx.$executeRaw`
    DELETE FROM intelligence.signal_entity WHERE signal_id = ANY(${written}::uuid[]) AND (signal_id, entity_id) NOT IN (
      SELECT signal_id, entity_id FROM json_to_recordset(${JSON.stringify(links)}::json) AS given(signal_id uuid, entity_id uuid)
    )`;
  await tx.$executeRaw`
    INSERT INTO intelligence.signal_entity (signal_id, entity_id)
    SELECT signal_id, entity_id FROM json_to_recordset(${JSON.stringify(links)}::json) AS given(signal_id uuid, entity_id uuid)
    ON CONFLICT DO NOTHING`;
}

async function upsertRows(
  tx: Prisma.TransactionClient,
  table: Table,
  rows: readonly object[],
  dated: WriteOptions["dated"],
): Promise<string[]> {
  if (rows.length === 0) return [];
  const { head, tail } = table.statements[dated];
  const written = await tx.$queryRaw<{ key: string }[]>(
    Prisma.sql`${Prisma.raw(head)}${JSON.stringify(rows)}${Prisma.raw(tail)}`,
  );
  return written.map(({ key }) => key);
}

/** SQLSTATE classes 22 (data exception) and 23 (integrity), which no second attempt would change. */
function isDataFault(error: unknown): boolean {
  return /"originalCode":"2[23]|\b2[23][0-9A-Z]{3}\b/.test(textOf(error));
}

/** PostgreSQL's own words; around them Prisma tells of its call, which means nothing to who reads the quarantine. */
function reasonOf(error: unknown): string {
  const text = textOf(error);
  return /Message: `(.+)`/s.exec(text)?.[1] ?? text;
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
