/**
 * One document, asked for only when it changed (RFC 9110, 13.1). What it said of itself is kept once all of it is stored:
 * a run that breaks off asks for all of it again.
 */
import { ImportError } from "../importers/importError.ts";
import { fetchUrl, toPublicName } from "../importers/reading/fetchUrl.ts";
import { openBytes, parseDate } from "../importers/reading/openLocation.ts";
import { importOpened } from "../importOpened.ts";
import { headersOf, type Run, type RunOutcome } from "./connector.ts";

const notModified = 304;

export async function fetchDocument(run: Run): Promise<RunOutcome> {
  const { connector, importer, target, fetching } = run;
  const { etag, lastModified, bytesMax } = connector;
  const url = new URL(connector.url);
  const answer = await fetchUrl(url, {
    ...fetching,
    statuses: [200, notModified],
    headers: {
      ...headersOf(run),
      ...(etag === null ? {} : { "if-none-match": etag }),
      // Left out beside an entity tag, which is the more exact of the two (13.1.3).
      ...(etag === null && lastModified !== null ? { "if-modified-since": lastModified } : {}),
    },
  });
  if (answer.status === notModified) {
    await answer.close();
    return { written: 0, hasMore: false };
  }
  const { bytes, close, headers } = answer;
  const opened = { bytes, close, updatedAt: parseDate(headers["last-modified"]) };
  const summary = await importOpened(importer, openBytes(opened, toPublicName(url), bytesMax), target);
  if (summary.failure !== null) throw new ImportError("FILE_BROKEN", summary.failure);
  await run.save({ etag: textOf(headers.etag), lastModified: textOf(headers["last-modified"]) });
  return { written: summary.written, hasMore: false };
}

function textOf(header: string | string[] | undefined): string | null {
  return typeof header === "string" ? header : null;
}
