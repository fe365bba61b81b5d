/** Lines of a delimited table as objects by column. A line with too many or too few cells is a fault of its own. */
import { type Parser, parse } from "csv-parse";
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

/** Throws an ImportError after the last line that could be read. */
export async function* readCsv(bytes: AsyncIterable<Buffer>, format: CsvFormat): AsyncGenerator<FoundRecord> {
  // Lines are taken as they are parsed and not from the stream, which drops what it holds when it fails.
  let lines: Line[] = [];
  const takeLines = (): Line[] => {
    const taken = lines;
    lines = [];
    return taken;
  };
  const parser = createParser(format, (line) => lines.push(line));

  let columns = format.header ? null : format.columns;
  for await (const step of feed(parser, bytes)) {
    for (const { cells, number } of takeLines()) {
      if (columns === null) columns = readHeader(cells, format.columns);
      else yield toFoundRecord(cells, columns, format.optionalColumns ?? 0, `line ${number}`);
    }
    if (step.error !== null) throw new ImportError("FILE_BROKEN", step.error.message, { cause: step.error });
  }
  if (columns === null) {
    throw new ImportError("FILE_FORMAT", "expected a line that names the columns; the file is empty");
  }
}

type Line = { readonly cells: readonly string[]; readonly number: number };

function createParser(format: CsvFormat, onLine: (line: Line) => void): Parser {
  return parse({
    delimiter: format.delimiter,
    quote: format.quoted ? '"' : null,
    bom: true,
    // A stray quote or a missing cell is the fault of one line, told below, and not of the file.
    relax_quotes: true,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: recordLengthMax,
    on_record: (cells: string[], { lines }) => {
      onLine({ cells, number: lines });
      return null;
    },
  });
}

/** One step for each chunk that was parsed, and one for the end. */
async function* feed(
  parser: Parser,
  bytes: AsyncIterable<Buffer>,
): AsyncGenerator<{ readonly error: Error | null }> {
  // Told by the callbacks below as well; without a listener the process would end.
  parser.on("error", () => undefined);
  try {
    for await (const chunk of bytes) {
      const error = await new Promise<Error | null>((resolve) =>
        parser.write(chunk, (fault) => resolve(fault ?? null)),
      );
      yield { error };
    }
    yield {
      error: await new Promise((resolve) => parser.end((fault?: Error | null) => resolve(fault ?? null))),
    };
  } finally {
    parser.destroy();
  }
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
