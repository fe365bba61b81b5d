/**
 * What is sent of an answer that comes in parts, in the two forms that clients read:
 * - `path`: each part has its path and label, as in the draft of 24 August 2022 (Apollo Client's `deferSpec=20220824`,
 *   urql, Relay's multipart parsers, graphql-sse).
 * - `pending`: parts are announced, come by their id and are completed (Apollo's `incrementalSpec=v0.2`, graphql-js 17).
 */
import type { Answer, DeferredAnswer, LateAnswer, PendingPart } from "../engine/engine.ts";

export type DeferredForm = "path" | "pending";

/** The last has `hasNext: false`. */
export type DeferredPayload = Answer & {
  readonly hasNext: boolean;
  readonly incremental?: readonly object[];
  readonly pending?: readonly object[];
  readonly completed?: readonly object[];
};

export async function* toPayloads(
  { first, pending, rest }: DeferredAnswer,
  form: DeferredForm,
): AsyncGenerator<DeferredPayload, void, undefined> {
  yield { ...first, ...(form === "pending" ? { pending: pending.map(announce) } : {}), hasNext: true };
  for await (const late of rest) yield form === "path" ? toPaths(late) : toPending(late);
}

function toPaths({ parts, hasNext }: LateAnswer): DeferredPayload {
  const incremental = parts.map(({ path, label, answer: { data, errors } }) => ({
    path,
    ...(label === undefined ? {} : { label }),
    data,
    ...(errors ? { errors } : {}),
  }));
  return { ...(incremental.length > 0 ? { incremental } : {}), hasNext };
}

function toPending({ parts, pending, hasNext }: LateAnswer): DeferredPayload {
  const incremental = parts.flatMap(({ id, answer: { data, errors } }) =>
    data ? [{ id: String(id), data, ...(errors ? { errors } : {}) }] : [],
  );
  const completed = parts.map(({ id, answer: { data, errors = [] } }) => ({
    id: String(id),
    ...(data ? {} : { errors }),
  }));
  return {
    ...(pending.length > 0 ? { pending: pending.map(announce) } : {}),
    ...(incremental.length > 0 ? { incremental } : {}),
    completed,
    hasNext,
  };
}

function announce({ id, path, label }: PendingPart) {
  return { id: String(id), path, ...(label === undefined ? {} : { label }) };
}
