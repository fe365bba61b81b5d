/** A chain as the database has it, for those who verify it. */
import { hashVerdicts } from "../../policies/runtime/decisionChain.ts";
import type { Db } from "./db.ts";
import { parseVerdicts } from "./domain/replayDecision.ts";
import { type ChainSource, faultsMax } from "./domain/verifyChain.ts";

const pageSize = 5_000;

export function toChainSource(db: Db, chainId: string): ChainSource {
  return {
    readEntries: (after) => db.findDecisionEntries(chainId, after, pageSize),
    hashesOfQuestions: async (ids) => {
      const questions = await db.findDecisionQuestions(ids);
      return new Map(questions.map((question) => [question.id, hashVerdicts(parseVerdicts(question))]));
    },
    differingRecords: async () =>
      (await db.findDifferingRecords(chainId, faultsMax)).map(({ seq }) => Number(seq)),
  };
}
