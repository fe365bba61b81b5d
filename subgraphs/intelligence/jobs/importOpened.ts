/**
 * Imports what was opened, for one source. Reads record by record and writes batch by batch, so a file may be larger than
 * memory; a record that is wrong goes to the quarantine and the next one is read.
 */
import type { ImportQueries } from "../db/imports.ts";
import { ImportError } from "./importers/importError.ts";
import type { Importer, ParsedRecord, ParseRecord } from "./importers/importer.ts";
import type { OpenedLocation } from "./importers/reading/openLocation.ts";
import { readRecords } from "./importers/reading/readRecords.ts";
import { RecordFault } from "./importers/recordFault.ts";
import { createWriter, type Writer } from "./importers/writing/createWriter.ts";
import {
  type Counts,
  createTally,
  type Destination,
  type QuarantinedPlace,
  type Tally,
} from "./importers/writing/tally.ts";

export type ImportTarget = {
  readonly db: ImportQueries;
  readonly log: ImportLog;
  /** Code of the region that stores what is new. */
  readonly regionCode: string;
  readonly now: Date;
};

/** The part of a pino logger that an import uses. */
export type ImportLog = { readonly info: (fields: object, message: string) => void };

export type ImportSummary = Counts & {
  readonly runId: string;
  readonly sourceCode: string;
  /** Of the file as it was sent; null when it was not read to its end. */
  readonly sha256: string | null;
  /** Why and where the file broke off; null when it was read to its end. What came before is stored. */
  readonly failure: string | null;
  readonly destinations: readonly Destination[];
  /** The first few. */
  readonly quarantine: readonly QuarantinedPlace[];
};

/** Closes what was opened. A file that breaks off is no exception but a `failure` of the summary and of the run. */
export async function importOpened(
  importer: Importer,
  opened: OpenedLocation,
  { db, log, regionCode, now }: ImportTarget,
): Promise<ImportSummary> {
  try {
    const run = { source: importer.source, location: opened.name, regionCode, startedAt: now };
    const runId = await db.startImportRun(run);
    const tally = createTally();
    const finish = async (failure: string | null): Promise<ImportSummary> => {
      const outcome = { ...tally.counts(), failure, sha256: opened.sha256() };
      await db.finishImportRun(runId, { ...outcome, finishedAt: new Date() });
      const sourceCode = importer.source.code;
      log.info({ source: sourceCode, runId, ...outcome }, "import finished");
      return {
        ...outcome,
        runId,
        sourceCode,
        destinations: tally.destinations(),
        quarantine: tally.places(),
      };
    };
    try {
      const writer = createWriter(db, { id: runId, importer, regionCode }, tally);
      return await finish(await importRecords(importer, opened, now, writer, tally));
    } catch (error) {
      // A fault of ours or of the database; told in the run where that is still possible.
      await finish("an internal error occurred").catch(() => undefined);
      throw error;
    }
  } finally {
    await opened.close();
  }
}

/** Answers why and where the file broke off, or null. */
async function importRecords(
  importer: Importer,
  opened: OpenedLocation,
  now: Date,
  writer: Writer,
  tally: Tally,
): Promise<string | null> {
  const reader = readRecords(opened.bytes, importer.format);
  const updatedAt = opened.updatedAt !== null && opened.updatedAt < now ? opened.updatedAt : now;
  let parse: ParseRecord | null = null;
  let failure: string | null = null;
  let place = "before the first record";
  try {
    for await (const found of reader) {
      // Not earlier: by the first record the header was read.
      parse ??= importer.createParser({ updatedAt, now, header: reader.header });
      place = `after ${found.location}`;
      const position = tally.countRead();
      const parsed = found.kind === "record" ? tryParse(parse, found.value) : new RecordFault(found.reason);
      if (parsed instanceof RecordFault) await writer.quarantine({ ...found, position }, parsed.message);
      else await writer.add({ ...found, position }, parsed);
    }
  } catch (error) {
    if (!(error instanceof ImportError)) throw error;
    failure = `${error.message} (${place})`;
  }
  await writer.flush();
  return failure;
}

function tryParse(parse: ParseRecord, record: unknown): ParsedRecord | RecordFault {
  try {
    return parse(record);
  } catch (error) {
    if (error instanceof RecordFault) return error;
    throw error;
  }
}
