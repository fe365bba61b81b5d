/** The body of an HTTP answer as it arrives, from public hosts only unless the caller allows others. */
import { Agent, type Dispatcher, request } from "undici";
import { ImportError } from "../importError.ts";
import type { OpenedBytes, OpenOptions } from "./openLocation.ts";
import { assertPublicHost, lookupPublic } from "./publicHosts.ts";

const redirectsMax = 5;
const silenceMs = 30_000;

type Answer = Dispatcher.ResponseData & { readonly url: URL };

export async function openUrl(url: URL, options: OpenOptions): Promise<OpenedBytes> {
  const agent = new Agent({
    connect: { timeout: 10_000, ...(options.allowPrivate ? {} : { lookup: lookupPublic }) },
    headersTimeout: silenceMs,
    bodyTimeout: silenceMs,
  });
  try {
    const answer = await follow(url, agent, options);
    return {
      bytes: readBody(answer),
      updatedAt: parseDate(answer.headers["last-modified"]),
      // An idle connection would hold the process for some seconds.
      close: () => agent.destroy(),
    };
  } catch (error) {
    await agent.destroy();
    throw error;
  }
}

/** Without user name, password and query, which may hold a secret. */
export function toPublicName({ origin, pathname }: URL): string {
  return origin + pathname;
}

async function follow(url: URL, agent: Agent, options: OpenOptions): Promise<Answer> {
  const signal = AbortSignal.timeout(options.timeoutMs);
  let next = url;
  for (let hop = 0; hop <= redirectsMax; hop++) {
    if (!options.allowPrivate) assertPublicHost(next);
    const answer = await request(next, {
      dispatcher: agent,
      signal,
      headers: { "user-agent": "atlas-importer", accept: "*/*", "accept-encoding": "gzip, identity" },
    }).catch((error: unknown) => {
      throw explain(error, next);
    });
    if (answer.statusCode === 200) return { ...answer, url: next };
    await answer.body.dump();
    const { location } = answer.headers;
    if (answer.statusCode < 300 || answer.statusCode > 399 || typeof location !== "string") {
      throw new ImportError(
        "LOCATION_NOT_FOUND",
        `expected ${toPublicName(next)} to answer 200; got ${answer.statusCode}`,
      );
    }
    next = parseRedirect(location, next);
  }
  throw new ImportError(
    "LOCATION_REFUSED",
    `expected at most ${redirectsMax} redirects from ${toPublicName(url)}; got more`,
  );
}

function parseRedirect(location: string, from: URL): URL {
  if (URL.canParse(location, from.href)) {
    const target = new URL(location, from);
    if (/^https?:$/.test(target.protocol)) return target;
  }
  throw new ImportError(
    "LOCATION_REFUSED",
    `expected ${toPublicName(from)} to redirect to http or https; got ${location.slice(0, 80)}`,
  );
}

async function* readBody({ body, url }: Answer): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of body) yield chunk;
  } catch (error) {
    throw new ImportError("FILE_BROKEN", `the answer of ${url.host} breaks off: ${textOf(error)}`, {
      cause: error,
    });
  }
}

function explain(error: unknown, url: URL): ImportError {
  if (error instanceof ImportError) return error;
  return new ImportError("LOCATION_NOT_FOUND", `expected ${toPublicName(url)} to answer; ${textOf(error)}`, {
    cause: error,
  });
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function parseDate(value: string | string[] | undefined): Date | null {
  const date = new Date(typeof value === "string" ? value : Number.NaN);
  return Number.isNaN(date.getTime()) ? null : date;
}
