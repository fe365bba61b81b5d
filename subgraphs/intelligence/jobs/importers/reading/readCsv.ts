/** Lines of a delimited table as objects by column. A line with too many or too few cells is a fault of its own. */
import { pipeline, Readable } from "node:stream";
import { CsvError, parse } from "csv-parse";
import { z } from "zod";
import { ImportError } from "../importError.ts";
import type { FoundRecord } from "./readRecords.ts";

export type CsvFormat = {
  readonly kind: "csv";
  readonly delimiter: "," | "\t";
  /** Whether the first line names the columns. If so, `columns` are those that must be among them, in any order. */
  readonly header: boolean;
  /** Whether cells may stand in double quotes. */
  readonly quoted: boolean;
  readonly columns: readonly string[];
  /** Columns at the end that older files do not have. */
  readonly optionalColumns?: number;
};

const parsedLine = z.object({ record: z.array(z.string()), info: z.object({ lines: z.number() }) });

export async function* readCsv(bytes: AsyncIterable<Buffer>, format: CsvFormat): AsyncGenerator<FoundRecord> {
  const parser = parse({
    delimiter: format.delimiter,
    quote: format.quoted ? '"' : null,
    bom: true,
    info: true,
    // A stray quote or a missing cell is the fault of one line, told below, and not of the file.
    relax_quotes: true,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: recordLengthMax,
  });
  // The error, if any, comes out of the parser.
  pipeline(Readable.from(bytes), parser, () => undefined);

  let columns = format.header ? null : format.columns;
  try {
    for await (const line of parser) {
      const { record: cells, info } = parsedLine.parse(line);
      if (columns === null) columns = readHeader(cells, format.columns);
      else yield toFoundRecord(cells, columns, format.optionalColumns ?? 0, `line ${info.lines}`);
    }
  } catch (error) {
    if (error instanceof CsvError) throw new ImportError("FILE_BROKEN", error.message, { cause: error });
    throw error;
  }
  if (columns === null)
    throw new ImportError("FILE_FORMAT", "expected a line that names the columns; the file is empty");
}

const recordLengthMax = 16 * 1024 * 1024;

function readHeader(cells: readonly string[], required: readonly string[]): string[] {
  const columns = cells.map((cell) => cell.trim());
  if (required.every((column) => columns.includes(column))) return columns;
  const came = columns.join(", ").slice(0, 200);
  throw new ImportError(
    "FILE_FORMAT",
    `expected a first line with the columns ${required.join(", ")}; got ${came}`,
  );
}

function toFoundRecord(
  cells: readonly string[],
  columns: readonly string[],
  optional: number,
  location: string,
): FoundRecord {
  const least = columns.length - optional;
  const value = Object.fromEntries(
    cells.map((cell, index) => [columns[index] ?? `column ${index + 1}`, cell]),
  );
  if (cells.length >= least && cells.length <= columns.length) return { kind: "record", location, value };
  const expected = optional === 0 ? `${least}` : `${least} to ${columns.length}`;
  return {
    kind: "fault",
    location,
    value: cells,
    reason: `expected ${expected} columns; got ${cells.length}`,
  };
}
