/**
 * Which text does a request mean? Its own, or the one behind the hash it sent: an operation of the safelist, or one that a
 * client has sent before (automatic persisted queries, https://www.apollographql.com/docs/apollo-server/performance/apq).
 */
import type { DocumentCache } from "../documents/documentCache.ts";
import { hashText, type Safelist } from "../documents/readSafelist.ts";
import { AppError } from "../errors.ts";

export type FoundDocument = {
  readonly query: string;
  /** Set when the text is new and the client wants it known; to be called once it has proved valid. */
  readonly keep?: () => Promise<void>;
};

export type FindDocument = (request: {
  readonly query: string | undefined;
  readonly extensions: Readonly<Record<string, unknown>>;
}) => Promise<FoundDocument>;

export type SafelistMode =
  | { readonly kind: "off" }
  /** Everything runs; what is not on the list is told. */
  | { readonly kind: "log"; readonly list: Safelist; readonly onUnknown: (hash: string) => void }
  /** Nothing else runs, introspection included. */
  | { readonly kind: "only"; readonly list: Safelist };

type Options = {
  readonly safelist: SafelistMode;
  /** Undefined is off. */
  readonly cache: DocumentCache | undefined;
  readonly onCache?: (result: "hit" | "miss") => void;
};

export function createFindDocument({ safelist, cache, onCache }: Options): FindDocument {
  function assertListed(query: string): void {
    if (safelist.kind === "off" || safelist.list.has(query)) return;
    if (safelist.kind === "only") throw notListed();
    safelist.onUnknown(hashText(query));
  }

  async function findByHash(hash: string): Promise<FoundDocument> {
    const listed = safelist.kind === "off" ? undefined : safelist.list.findById(hash);
    if (listed !== undefined) return { query: listed };
    // Not "not found": a client would send the text only to be refused.
    if (safelist.kind === "only") throw notListed();
    if (!cache) throw refusal("PERSISTED_QUERY_NOT_SUPPORTED", "PersistedQueryNotSupported");
    const query = await cache.find(hash);
    // What comes from a shared cache is believed only if it is what its name says.
    const isFound = query !== undefined && hashText(query) === hash;
    onCache?.(isFound ? "hit" : "miss");
    if (!isFound) throw refusal("PERSISTED_QUERY_NOT_FOUND", "PersistedQueryNotFound");
    assertListed(query);
    return { query };
  }

  return async ({ query, extensions }) => {
    const hash = readHash(extensions);
    if (query === undefined) {
      if (hash !== undefined) return findByHash(hash);
      throw badRequest(`Expected "query" to be a string with a GraphQL document, got nothing.`);
    }
    assertListed(query);
    if (hash === undefined || !cache || safelist.kind === "only") return { query };
    if (hashText(query) !== hash) {
      throw badRequest(
        `Expected "extensions.persistedQuery.sha256Hash" to be the hash of "query", got another.`,
      );
    }
    return { query, keep: () => cache.keep(hash, query) };
  };
}

function readHash({ persistedQuery }: Readonly<Record<string, unknown>>): string | undefined {
  if (typeof persistedQuery !== "object" || persistedQuery === null) return undefined;
  const version: unknown = Reflect.get(persistedQuery, "version");
  const hash: unknown = Reflect.get(persistedQuery, "sha256Hash");
  if (version === 1 && typeof hash === "string" && hash.length <= hashLengthMax) return hash;
  throw badRequest(`Expected "extensions.persistedQuery" to be {"version": 1, "sha256Hash": "…"}.`);
}

/** Ids of a manifest may be of any form; none is this long. */
const hashLengthMax = 256;

/** Clients of Apollo look for these words, and expect 200 with them. */
function refusal(
  code: "PERSISTED_QUERY_NOT_FOUND" | "PERSISTED_QUERY_NOT_SUPPORTED",
  message: string,
): AppError {
  return new AppError(code, 200, message);
}

function notListed(): AppError {
  return new AppError("QUERY_NOT_IN_SAFE_LIST", 403, "Expected an operation of the safelist, got another.");
}

function badRequest(message: string): AppError {
  return new AppError("BAD_REQUEST", 400, message);
}
