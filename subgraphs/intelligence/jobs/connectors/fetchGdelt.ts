/**
 * GDELT's files of every 15 minutes, in their order, each once: the moment of the last one that is stored is the
 * watermark. Size and checksum are those of the list. A first run begins with the newest; a run that finds files between
 * looks for them in the list of all.
 */
import { createHash } from "node:crypto";
import { ImportError } from "../importers/importError.ts";
import { parseDate } from "../importers/reading/openLocation.ts";
import { unzipOne } from "../importers/reading/unzipOne.ts";
import { importOpened } from "../importOpened.ts";
import type { Run, RunOutcome } from "./connector.ts";
import { type GdeltFile, isApart, parseGdeltList } from "./gdeltList.ts";
import { openBuffer } from "./openBuffer.ts";
import { readAll } from "./readAll.ts";

/** Of one run: two hours of them, so that catching up asks no more of GDELT's server than a reader would. */
const filesMax = 8;
/** A file that could not be had in this many runs is passed over: GDELT's lists name some that never were there. */
const triesMax = 5;
/** Of the list of all, which has 100 MB: the end, about three weeks of it. */
const tailBytes = 2_000_000;
const listBytesMax = 256 * 1024 * 1024;

export async function fetchGdelt(run: Run): Promise<RunOutcome> {
  const { connector, importer, signal } = run;
  const waiting = await findFiles(run);
  let written = 0;
  for (const file of waiting.slice(0, filesMax)) {
    if (signal.aborted) break;
    const isLastTry = file === waiting[0] && connector.failures >= triesMax;
    try {
      written += await importFile(run, file);
    } catch (error) {
      if (!isLastTry || !(error instanceof ImportError)) throw error;
      run.target.log.info(
        { source: importer.source.code, at: file.at, reason: error.message },
        "file passed over",
      );
    }
    await run.save({ watermark: file.at });
  }
  return { written, hasMore: waiting.length > filesMax };
}

async function findFiles(run: Run): Promise<readonly GdeltFile[]> {
  const { url, watermark } = run.connector;
  const ending = run.importer.name === "gdelt-mentions-v2" ? "mentions.CSV.zip" : "export.CSV.zip";
  const newest = parseGdeltList(String((await readAll(run, new URL(url))).body), ending).at(-1);
  if (newest === undefined) {
    throw new ImportError("FILE_FORMAT", `expected a list with a file that ends in ${ending}; there is none`);
  }
  if (watermark === null) return [newest];
  if (newest.at <= watermark) return [];
  if (!isApart(watermark, newest.at)) return [newest];
  const all = await readAll(run, new URL("masterfilelist.txt", url), {
    // A server that does not know ranges sends all of it.
    statuses: [200, 206],
    headers: { range: `bytes=-${tailBytes}`, "accept-encoding": "identity" },
    bytesMax: listBytesMax,
  });
  return parseGdeltList(String(all.body), ending).filter(({ at }) => at > watermark);
}

/** Answers how many rows it brought. */
async function importFile(run: Run, { url, bytes, md5 }: GdeltFile): Promise<number> {
  const { importer, target, connector } = run;
  const { body, headers } = await readAll(run, new URL(url));
  const digest = createHash("md5").update(body).digest("hex");
  if (body.length !== bytes || digest !== md5) {
    throw new ImportError(
      "FILE_BROKEN",
      `expected ${bytes} bytes with MD5 ${md5} from ${url}; got ${body.length} with ${digest}`,
    );
  }
  const content = unzipOne(body, connector.bytesMax);
  const opened = openBuffer(content, url, parseDate(headers["last-modified"]));
  const { failure, written } = await importOpened(importer, opened, target);
  if (failure !== null) throw new ImportError("FILE_BROKEN", failure);
  return written;
}
