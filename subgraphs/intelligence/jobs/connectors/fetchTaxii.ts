/**
 * A collection of a TAXII 2.1 server, page by page (https://docs.oasis-open.org/cti/taxii/v2.1/os/taxii-v2.1-os.html, 3.4
 * and 5.4). The connector's URL is the collection's; the watermark is when the last object stored was added there.
 */
import { z } from "zod";
import { ImportError } from "../importers/importError.ts";
import { toPublicName } from "../importers/reading/fetchUrl.ts";
import { importOpened } from "../importOpened.ts";
import type { Run, RunOutcome } from "./connector.ts";
import { openBuffer } from "./openBuffer.ts";
import { readAll } from "./readAll.ts";

const mediaType = "application/taxii+json;version=2.1";
const objectsOfPage = 500;
/** Of one run. What is left comes with the next. */
const pagesMax = 100;

/** `next` is opaque. An envelope without objects is an empty page (3.7). */
const envelopeSchema = z.object({
  more: z.boolean().default(false),
  next: z.string().max(4_000).optional(),
  objects: z.array(z.unknown()).default([]),
});

type Page = z.output<typeof envelopeSchema> & { readonly addedLast: string | null };

export async function fetchTaxii(run: Run): Promise<RunOutcome> {
  const { connector, signal } = run;
  let written = 0;
  let next: string | undefined;
  let addedLast: string | null = null;
  for (let pages = 0; pages < pagesMax && !signal.aborted; pages += 1) {
    const page = await readPage(run, connector.watermark, next);
    written += await importPage(run, page);
    addedLast = page.addedLast ?? addedLast;
    if (!page.more) {
      if (addedLast !== null) await run.save({ watermark: addedLast });
      return { written, hasMore: false };
    }
    if (page.next === undefined) {
      throw new ImportError(
        "FILE_FORMAT",
        "expected `next` in an envelope that says there is more; it has none",
      );
    }
    next = page.next;
  }
  // Objects that were added at one moment may stand on both sides of a page's end, so the next run repeats that moment.
  if (addedLast !== null) await run.save({ watermark: justBefore(addedLast) });
  return { written, hasMore: true };
}

async function readPage(run: Run, after: string | null, next: string | undefined): Promise<Page> {
  const url = new URL("objects/", run.connector.url.replace(/\/?$/, "/"));
  url.searchParams.set("limit", String(objectsOfPage));
  if (after !== null) url.searchParams.set("added_after", after);
  if (next !== undefined) url.searchParams.set("next", next);
  const { headers, body } = await readAll(run, url, { headers: { accept: mediaType } });
  const type = String(headers["content-type"] ?? "nothing");
  if (!type.startsWith("application/taxii+json")) {
    throw new ImportError("FILE_FORMAT", `expected ${mediaType}; got ${type.slice(0, 100)}`);
  }
  const parsed = envelopeSchema.safeParse(parseJson(body));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new ImportError(
      "FILE_FORMAT",
      `expected an envelope of TAXII 2.1; ${issue?.path.join(".")}: ${issue?.message}`,
    );
  }
  const added = headers["x-taxii-date-added-last"];
  const isMoment = typeof added === "string" && !Number.isNaN(Date.parse(added));
  return { ...parsed.data, addedLast: isMoment ? added : null };
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(String(body));
  } catch (cause) {
    throw new ImportError("FILE_BROKEN", `expected JSON; ${cause instanceof Error ? cause.message : cause}`, {
      cause,
    });
  }
}

async function importPage({ connector, importer, target }: Run, { objects }: Page): Promise<number> {
  if (objects.length === 0) return 0;
  const content = Buffer.from(JSON.stringify({ objects }));
  const opened = openBuffer(content, toPublicName(new URL(connector.url)), null);
  const { failure, written } = await importOpened(importer, opened, target);
  if (failure !== null) throw new ImportError("FILE_BROKEN", failure);
  return written;
}

function justBefore(moment: string): string {
  return new Date(Date.parse(moment) - 1).toISOString();
}
