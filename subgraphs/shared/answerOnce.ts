/**
 * Idempotency keys: a retry with the same key answers the first result and changes nothing. A cancelled commit is
 * unknown to the caller, so every mutation that writes takes a key.
 */
import { createHash } from "node:crypto";

/** Where answers are kept. Both calls and `work` run in one transaction that holds a lock on (tenant, key). */
export type AnswerStore = {
  readonly findAnswer: () => Promise<{ readonly requestHash: string; readonly result: unknown } | null>;
  readonly storeAnswer: (requestHash: string, result: string) => Promise<void>;
};

export type OnceAnswer =
  | { readonly kind: "answered"; readonly id: string }
  | { readonly kind: "key-reused"; readonly message: string };

/** `work` gives the UUID of what it wrote, which is all that needs to be remembered. */
export async function answerOnce(
  store: AnswerStore,
  request: unknown,
  work: () => Promise<string>,
): Promise<OnceAnswer>;
/** Work that may refuse: its refusal is given back as it is and not remembered, as the same key may succeed later. */
export async function answerOnce<Refusal extends object>(
  store: AnswerStore,
  request: unknown,
  work: () => Promise<string | Refusal>,
): Promise<OnceAnswer | Refusal>;
export async function answerOnce(
  store: AnswerStore,
  request: unknown,
  work: () => Promise<string | object>,
): Promise<OnceAnswer | object> {
  const requestHash = hashRequest(request);
  const earlier = await store.findAnswer();
  if (earlier !== null && earlier.requestHash !== requestHash) {
    return {
      kind: "key-reused",
      message:
        "expected a new idempotency key for a new request; got one that an earlier, different request used",
    };
  }
  if (earlier !== null) return { kind: "answered", id: assertId(earlier.result) };
  const outcome = await work();
  if (typeof outcome !== "string") return outcome;
  await store.storeAnswer(requestHash, outcome);
  return { kind: "answered", id: outcome };
}

function assertId(result: unknown): string {
  if (typeof result === "string") return result;
  throw new Error(`an idempotency key remembers ${JSON.stringify(result)}, which is no id`);
}

function hashRequest(request: unknown): string {
  return createHash("sha256").update(JSON.stringify(request)).digest("hex");
}
