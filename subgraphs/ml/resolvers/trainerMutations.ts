/** What trainers send. A trainer is whoever offered it first; in its name nobody else is heard. */
import { getUuid } from "../../shared/ids.ts";
import { firstFault, refuseRange, refuseSlug } from "../../shared/parseInput.ts";
import type { Context } from "../context.ts";
import { residenciesOfRegion } from "../domain/rounds/regionResidencies.ts";
import { offerMs } from "../domain/rounds/runTask.ts";
import type { MlRefusal, MutationResolvers } from "../generated/resolvers.ts";
import { refuse } from "./refuse.ts";
import { storeAnswer } from "./storeAnswer.ts";
import { storeUpdate } from "./storeUpdate.ts";

export const offerTrainer: NonNullable<MutationResolvers["offerTrainer"]> = async (
  _root,
  { input },
  { db, caller },
) => {
  const { trainer, region, dataset, samples } = input;
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
  const { trainer, roundId, attempt = 1, weightsHash, samples, encoding = "FLOAT32", payload } = input;
  const fault = refuseRange("attempt", attempt, 1, 1_000);
  if (fault !== null) return refuse("INVALID_INPUT", fault);
  const stranger = await findStranger(context, trainer);
  if (stranger) return stranger;
  const answer = await storeUpdate(context.db, getUuid(roundId, "Round"), {
    participant: trainer,
    attempt,
    baseHash: weightsHash.slice(0, 64),
    samples,
    encoding,
    payload: Buffer.from(payload, "base64"),
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
  { input: { trainer, roundId, stage, parts } },
  context,
) => {
  const stranger = await findStranger(context, trainer);
  if (stranger) return stranger;
  const message = Object.fromEntries(parts.map(({ name, bytes }) => [name, Buffer.from(bytes, "base64")]));
  const refusal = await storeAnswer(context.db, getUuid(roundId, "Round"), trainer, stage, message);
  return refusal ? { __typename: "UpdateRefused", ...refusal } : { __typename: "SumAnswerAccepted", stage };
};

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
