/** One GET over HTTP, whose body is read as it arrives: from public hosts only unless the caller allows others. */
import { Agent, type Dispatcher, request } from "undici";
import { ImportError } from "../importError.ts";
import { assertPublicHost, lookupPublic } from "./publicHosts.ts";

export type FetchOptions = {
  /** For the answer as a whole; 30 s of silence end it as well. */
  readonly timeoutMs: number;
  /** Whether the URL may lead to hosts that are not public. */
  readonly allowPrivate: boolean;
  /** Lower case. They go to the host of the URL and to no other that it redirects to. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Statuses that are answers. Default 200. */
  readonly statuses?: readonly number[];
};

export type Fetched = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Throws FILE_BROKEN when the answer breaks off. */
  readonly bytes: AsyncIterable<Buffer>;
  readonly close: () => Promise<void>;
};

const redirectsMax = 5;
const silenceMs = 30_000;

type Answer = Dispatcher.ResponseData & { readonly url: URL };

/** Throws LOCATION_NOT_FOUND or LOCATION_REFUSED, and SOURCE_BUSY with the time to wait for 429 and 503. */
export async function fetchUrl(url: URL, options: FetchOptions): Promise<Fetched> {
  const agent = new Agent({
    connect: { timeout: 10_000, ...(options.allowPrivate ? {} : { lookup: lookupPublic }) },
    headersTimeout: silenceMs,
    bodyTimeout: silenceMs,
  });
  try {
    const answer = await follow(url, agent, options);
    return {
      status: answer.statusCode,
      headers: answer.headers,
      bytes: readBody(answer),
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

async function follow(url: URL, agent: Agent, options: FetchOptions): Promise<Answer> {
  const signal = AbortSignal.timeout(options.timeoutMs);
  const { statuses = [200] } = options;
  let next = url;
  for (let hop = 0; hop <= redirectsMax; hop++) {
    if (!options.allowPrivate) assertPublicHost(next);
    const answer = await request(next, {
      dispatcher: agent,
      signal,
      headers: {
        "user-agent": "atlas-importer",
        accept: "*/*",
        "accept-encoding": "gzip, identity",
        ...(next.origin === url.origin ? options.headers : {}),
      },
    }).catch((error: unknown) => {
      throw explain(error, next);
    });
    if (statuses.includes(answer.statusCode)) return { ...answer, url: next };
    await answer.body.dump();
    const { location, "retry-after": retryAfter } = answer.headers;
    if (answer.statusCode === 429 || answer.statusCode === 503) {
      const text = `expected ${toPublicName(next)} to answer ${statuses.join(" or ")}; got ${answer.statusCode}: it has too much to do`;
      throw new ImportError("SOURCE_BUSY", text, { retryAfterMs: parseRetryAfter(retryAfter) });
    }
    if (answer.statusCode < 300 || answer.statusCode > 399 || typeof location !== "string") {
      throw new ImportError(
        "LOCATION_NOT_FOUND",
        `expected ${toPublicName(next)} to answer ${statuses.join(" or ")}; got ${answer.statusCode}`,
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

/** Seconds or a date (RFC 9110, 10.2.3); null when the answer says neither. */
function parseRetryAfter(value: string | string[] | undefined): number | null {
  if (typeof value !== "string") return null;
  const ms = /^\d{1,9}$/.test(value.trim()) ? Number(value) * 1_000 : new Date(value).getTime() - Date.now();
  return Number.isNaN(ms) ? null : Math.max(0, ms);
}
