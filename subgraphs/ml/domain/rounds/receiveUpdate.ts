/** What becomes of an update that a participant sends; runs with the round locked. */
import { createHash } from "node:crypto";
import { decodeUpdate, type UpdateEncoding } from "../gate/decodeUpdate.ts";
import { judgeUpdate } from "../gate/judgeUpdate.ts";
import { type Refusal, UpdateRefused } from "../gate/refusal.ts";
import type { Manifest } from "../models/parameters.ts";
import { samplesMax } from "./runTask.ts";

export type SentUpdate = {
  readonly participant: string;
  /** From 1; a higher one takes the place of those below. */
  readonly attempt: number;
  readonly baseHash: string;
  readonly samples: number;
  readonly encoding: UpdateEncoding;
  readonly payload: Uint8Array;
};

/** What is stored of the round and of others' updates. */
export type Circumstances = {
  readonly status: string;
  readonly aggregation: string;
  readonly baseHash: string | null;
  readonly isPastDeadline: boolean;
  readonly isSelected: boolean;
  /** True when somebody else sent the same bytes before, or they were sent for other weights. */
  readonly isReplayed: boolean;
  readonly manifest: Manifest;
  readonly recentNorms: readonly number[];
};

export type Received =
  | {
      readonly kind: "ACCEPTED";
      readonly delta: Float32Array;
      readonly norm: number;
      readonly isClipped: boolean;
    }
  | { readonly kind: "REFUSED"; readonly refusal: Refusal };

/** Cheap reasons first: nothing is unpacked for a round that is over. */
export function receiveUpdate(update: SentUpdate, circumstances: Circumstances): Received {
  const early = findEarlyRefusal(update, circumstances);
  if (early) return { kind: "REFUSED", refusal: early };
  try {
    const delta = decodeUpdate(update.payload, update.encoding, circumstances.manifest);
    const { recentNorms } = circumstances;
    return { kind: "ACCEPTED", ...judgeUpdate(delta, update.samples, { recentNorms, samplesMax }) };
  } catch (thrown) {
    if (thrown instanceof UpdateRefused) return { kind: "REFUSED", refusal: thrown.refusal };
    throw thrown;
  }
}

export function hashPayload(payload: Uint8Array): string {
  return createHash("sha256").update(payload).digest("hex");
}

function findEarlyRefusal(update: SentUpdate, round: Circumstances): Refusal | undefined {
  if (!round.isSelected)
    return {
      code: "NOT_SELECTED",
      message: `expected one of those chosen for the round, came ${update.participant}`,
    };
  if (round.aggregation !== "ROBUST")
    return {
      code: "ROUND_CLOSED",
      message: `expected answers of a secure sum (${round.aggregation}), came an update in the clear`,
    };
  if (round.status !== "TRAINING" || round.isPastDeadline)
    return {
      code: "ROUND_CLOSED",
      message: `expected a round in TRAINING before its deadline, it is in ${round.status}${round.isPastDeadline ? ", past it" : ""}`,
    };
  if (update.baseHash !== round.baseHash)
    return {
      code: "WRONG_BASE",
      message: `expected a change of ${round.baseHash}, came one of ${update.baseHash}`,
    };
  if (round.isReplayed)
    return { code: "REPLAYED", message: "expected an update that was not sent before, came one that was" };
  return undefined;
}
