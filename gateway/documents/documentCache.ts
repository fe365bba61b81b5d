/** Where texts of automatic persisted queries are kept by their hash. One suite tests both: documentCache.contract.test.ts. */
export type DocumentCache = {
  /** Undefined too when the cache cannot be reached: the client then sends the text, which always works. */
  readonly find: (hash: string) => Promise<string | undefined>;
  /** Never rejects: a text that could not be kept is asked for again. */
  readonly keep: (hash: string, text: string) => Promise<void>;
};
