/** What trainers send. A trainer is whoever offered it first; in its name nobody else is heard. */
import { getUuid } from "../../shared/ids.ts";
import { firstFault, refuseRange, refuseSlug } from "../../shared/parseInput.ts";
import type { Context } from "../context.ts";
import { residenciesOfRegion } from "../domain/rounds/regionResidencies.ts";
import { offerMs } from "../domain/rounds/runTask.ts";
import type { MlRefusal, MutationResolvers } from "../generated/resolvers.ts";
import { refuse } from "./refuse.ts";
import { storeAnswer } from "./storeAnswer.ts";
import { storePiece } from "./storePiece.ts";
import { storeUpdate } from "./storeUpdate.ts";

export const offerTrainer: NonNullable<MutationResolvers["offerTrainer"]> = async (
  _root,
  { input },
  { db, caller },
) => {
  const { trainer, region, dataset, samples, dataFrom = null, dataTo = null } = input;
  const [jurisdiction] = residenciesOfRegion(region);
  const fault = firstFault(
    refuseSlug("trainer", trainer),
    refuseSlug("dataset", dataset),
    refuseRange("samples", samples, 0, 2 ** 31 - 1),
  );
  if (fault !== null) return refuse("INVALID_INPUT", fault);
  if (jurisdiction === undefined)
    return refuse(
      "INVALID_INPUT",
      `expected a region that holds examples; got ${JSON.stringify(region.slice(0, 80))}`,
    );
  if (caller.subject === null)
    return refuse("NOT_YOURS", "expected a caller with a name; came an anonymous one");
  const seenAt = new Date();
  const isOwn = await db.offerParticipant({
    name: trainer,
    regionCode: region,
    jurisdiction,
    dataset,
    samples,
    dataFrom,
    dataTo,
    seenAt,
    tenant: caller.tenant,
    owner: caller.subject,
  });
  if (!isOwn) return refuse("NOT_YOURS", `the trainer ${trainer} was offered by somebody else first`);
  return { __typename: "TrainerOffered", until: new Date(seenAt.getTime() + offerMs) };
};

export const submitUpdate: NonNullable<MutationResolvers["submitUpdate"]> = async (
  _root,
  { input },
  context,
) => {
  const { trainer, roundId, attempt = 1, weightsHash, samples, encoding = "FLOAT32" } = input;
  const { payload, upload = null } = input;
  const fault = firstFault(refuseRange("attempt", attempt, 1, 1_000), refuseSource(payload, upload));
  if (fault !== null) return refuse("INVALID_INPUT", fault);
  const stranger = await findStranger(context, trainer);
  if (stranger) return stranger;
  const answer = await storeUpdate(context.db, getUuid(roundId, "Round"), {
    participant: trainer,
    attempt,
    baseHash: weightsHash.slice(0, 64),
    samples,
    encoding,
    payload: upload === null ? Buffer.from(payload ?? "", "base64") : { upload },
  });
  switch (answer.kind) {
    case "ACCEPTED":
      return { __typename: "UpdateAccepted", isClipped: answer.isClipped };
    case "REFUSED":
      return { __typename: "UpdateRefused", code: answer.code, message: answer.message };
    case "UNKNOWN_ROUND":
      return refuse("NOT_FOUND", `expected the id of a round that trains; got ${JSON.stringify(roundId)}`);
  }
};

export const submitSumAnswer: NonNullable<MutationResolvers["submitSumAnswer"]> = async (
  _root,
  { input: { trainer, roundId, stage, parts, upload } },
  context,
) => {
  const fault = refuseSource(parts, upload ?? null);
  if (fault !== null) return refuse("INVALID_INPUT", fault);
  const stranger = await findStranger(context, trainer);
  if (stranger) return stranger;
  const message = (parts ?? []).map(({ name, bytes }) => [name, Buffer.from(bytes, "base64")] as const);
  const answer = typeof upload === "string" ? { upload } : Object.fromEntries(message);
  const refusal = await storeAnswer(context.db, getUuid(roundId, "Round"), trainer, stage, answer);
  return refusal ? { __typename: "UpdateRefused", ...refusal } : { __typename: "SumAnswerAccepted", stage };
};

export const submitPiece: NonNullable<MutationResolvers["submitPiece"]> = async (
  _root,
  { input: { trainer, roundId, upload, place, bytes } },
  context,
) => {
  const fault = firstFault(refuseRange("place", place, 0, 2 ** 31 - 1), refuseHash(upload));
  if (fault !== null) return refuse("INVALID_INPUT", fault);
  const stranger = await findStranger(context, trainer);
  if (stranger) return stranger;
  const answer = await storePiece(context.db, {
    roundId: getUuid(roundId, "Round"),
    participant: trainer,
    upload,
    place,
    bytes: Buffer.from(bytes, "base64"),
  });
  return "refusal" in answer
    ? { __typename: "UpdateRefused", ...answer.refusal }
    : { __typename: "PieceAccepted", pieces: answer.pieces };
};

/** What came with the request, or the hash of what came before it: exactly one of them. */
function refuseSource(given: unknown, upload: string | null): string | null {
  if (upload !== null && (given ?? null) === null) return refuseHash(upload);
  if (upload === null && (given ?? null) !== null) return null;
  return `expected either the bytes or the upload that has them; got ${upload === null ? "neither" : "both"}`;
}

function refuseHash(upload: string): string | null {
  return /^[0-9a-f]{64}$/.test(upload)
    ? null
    : `expected a SHA-256 in hexadecimal; got ${JSON.stringify(upload.slice(0, 80))}`;
}

async function findStranger({ db, caller }: Context, trainer: string): Promise<MlRefusal | undefined> {
  const offered = await db.findParticipant(trainer);
  if (offered === null)
    return refuse(
      "NOT_FOUND",
      `expected a trainer that was offered; got ${JSON.stringify(trainer.slice(0, 80))}`,
    );
  if (offered.tenant === caller.tenant && offered.owner === caller.subject) return undefined;
  return refuse("NOT_YOURS", `the trainer ${trainer} was offered by somebody else`);
}
