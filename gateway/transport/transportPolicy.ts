/**
 * How each subgraph is called, from one JSON document: `{"*": {…}, "reviews": {…}}`. What a subgraph's own entry does not
 * say is as `*` says, and what that does not say is as the defaults below.
 */
import { z } from "zod";

export type TransportPolicy = {
  /** Time to a TCP or TLS connection. */
  readonly connectTimeoutMs: number;
  /** Time from the request being sent to the first byte of its answer. */
  readonly headersTimeoutMs: number;
  /** Time between two pieces of the answer. */
  readonly bodyTimeoutMs: number;
  /** Time from the call to the last byte, with all that is tried in between. */
  readonly timeoutMs: number;
  /** Most bytes of an answer, as sent and again when unpacked. */
  readonly answerBytesMax: number;
  /** Connections to one origin; calls beyond them wait. With HTTP/2 each carries many calls. */
  readonly connectionsMax: number;
  /** Offers HTTP/2 to an https origin; one that does not take it is spoken to in HTTP/1.1. */
  readonly http2: boolean;
  /** PEM file of the authorities trusted for this subgraph, in place of the system's. */
  readonly caFile: string | undefined;
  readonly retry: RetryPolicy;
  readonly circuit: CircuitPolicy;
  readonly hedge: HedgePolicy;
  readonly compression: CompressionPolicy;
};

export type RetryPolicy = {
  /** Attempts after the first; 0 is off. Only queries are repeated. */
  readonly attemptsMax: number;
  /** The wait before attempt n is a random part of min(waitMaxMs, waitMs · 2ⁿ). */
  readonly waitMs: number;
  readonly waitMaxMs: number;
  /** Retries and hedges together are at most this share of the calls, and a few when there are few calls. */
  readonly share: number;
};

export type CircuitPolicy = {
  readonly enabled: boolean;
  /** Opens when this share of the calls in the window failed… */
  readonly failureShare: number;
  /** …and the window has at least this many. */
  readonly callsMin: number;
  readonly windowMs: number;
  /** How long nobody is let through; then one call tries. */
  readonly openMs: number;
};

export type HedgePolicy = {
  readonly enabled: boolean;
  /** When a second request follows a first that has not been answered. */
  readonly after: "p95" | number;
};

export type CompressionPolicy = {
  /** Asks the subgraph for packed answers. One that comes packed unasked is read all the same. */
  readonly answers: boolean;
  /** Packs request bodies from this many bytes on with gzip; null is never. */
  readonly requestBytesMin: number | null;
};

const positive = z.number().int().min(1).max(1_000_000_000);
const share = z.number().min(0).max(1);

const change = z.strictObject({
  connectTimeoutMs: positive.optional(),
  headersTimeoutMs: positive.optional(),
  bodyTimeoutMs: positive.optional(),
  timeoutMs: positive.optional(),
  answerBytesMax: positive.optional(),
  connectionsMax: positive.optional(),
  http2: z.boolean().optional(),
  caFile: z.string().min(1).optional(),
  retry: z
    .strictObject({
      attemptsMax: z.number().int().min(0).max(10).optional(),
      waitMs: positive.optional(),
      waitMaxMs: positive.optional(),
      share: share.optional(),
    })
    .optional(),
  circuit: z
    .strictObject({
      enabled: z.boolean().optional(),
      failureShare: share.optional(),
      callsMin: positive.optional(),
      windowMs: positive.optional(),
      openMs: positive.optional(),
    })
    .optional(),
  hedge: z
    .strictObject({
      enabled: z.boolean().optional(),
      after: z.union([z.literal("p95"), positive]).optional(),
    })
    .optional(),
  compression: z
    .strictObject({ answers: z.boolean().optional(), requestBytesMin: positive.nullable().optional() })
    .optional(),
});

type PolicyChange = z.output<typeof change>;

/** Changes by subgraph name; `*` is for all. */
export type PolicyChanges = Readonly<Record<string, PolicyChange>>;

/** The variable's text; faults name the place in the document and not what stands there. */
export const policyChanges = z
  .string()
  .default("{}")
  .transform((text, context): PolicyChanges => {
    const parsed = z.record(z.string(), change).safeParse(parseJson(text));
    if (parsed.success) return parsed.data;
    const places = parsed.error.issues.map(
      ({ path, code }) => `${path.join(".") || "the document"} (${code})`,
    );
    context.addIssue(
      `expected JSON like {"*": {"retry": {"attemptsMax": 1}}}; not valid: ${places.join(", ")}`,
    );
    return z.NEVER;
  });

export const defaultPolicy: TransportPolicy = {
  connectTimeoutMs: 2_000,
  headersTimeoutMs: 10_000,
  bodyTimeoutMs: 10_000,
  timeoutMs: 10_000,
  answerBytesMax: 67_108_864,
  connectionsMax: 256,
  http2: false,
  caFile: undefined,
  retry: { attemptsMax: 2, waitMs: 50, waitMaxMs: 1_000, share: 0.1 },
  circuit: { enabled: true, failureShare: 0.5, callsMin: 20, windowMs: 10_000, openMs: 5_000 },
  hedge: { enabled: false, after: "p95" },
  compression: { answers: false, requestBytesMin: null },
};

export type FindPolicy = (subgraph: string) => TransportPolicy;

/** `base` is what the plain variables (timeouts and the cap) say for every subgraph. */
export function createFindPolicy(
  base: Partial<TransportPolicy> = {},
  changes: PolicyChanges = {},
): FindPolicy {
  const forAll = mergePolicy(mergePolicy(defaultPolicy, base), changes["*"]);
  return (subgraph) => mergePolicy(forAll, Object.hasOwn(changes, subgraph) ? changes[subgraph] : undefined);
}

function mergePolicy(
  base: TransportPolicy,
  change: PolicyChange | Partial<TransportPolicy> = {},
): TransportPolicy {
  const { retry, circuit, hedge, compression, ...plain } = change;
  const merged = {
    ...withoutUndefined(base, plain),
    retry: withoutUndefined(base.retry, retry),
    circuit: withoutUndefined(base.circuit, circuit),
    hedge: withoutUndefined(base.hedge, hedge),
    compression: withoutUndefined(base.compression, compression),
  };
  // One shorter deadline for the whole is a shorter deadline for its parts.
  return {
    ...merged,
    headersTimeoutMs: Math.min(merged.headersTimeoutMs, merged.timeoutMs),
    bodyTimeoutMs: Math.min(merged.bodyTimeoutMs, merged.timeoutMs),
  };
}

function withoutUndefined<Part extends object>(
  base: Part,
  change: { readonly [Key in keyof Part]?: Part[Key] | undefined } = {},
): Part {
  const set = Object.entries(change).filter(([, value]) => value !== undefined);
  // The entries are those of Part; Object.fromEntries forgets their types.
  return { ...base, ...(Object.fromEntries(set) as Partial<Part>) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
