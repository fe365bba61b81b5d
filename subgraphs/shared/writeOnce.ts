/** The transaction around `answerOnce`: one for every subgraph, each with its own table of answers. */
import { createHash } from "node:crypto";
import type { Prisma, PrismaClient } from "../../prisma/generated/client.ts";
import { answerOnce, type OnceAnswer } from "./answerOnce.ts";
import type { CallerContext } from "./verifyContext.ts";

/** A subgraph's table of answers, as Prisma gives it. */
export type AnswerTable = {
  readonly findUnique: (args: {
    where: { tenant_key: { tenant: string; key: string } };
  }) => PromiseLike<{ readonly requestHash: string; readonly result: unknown } | null>;
  readonly create: (args: {
    data: { tenant: string; key: string; requestHash: string; result: string };
  }) => PromiseLike<unknown>;
};

/** Keys are one person's: two people of a tenant may happen on the same one and mean different things. */
type KeyOwner = Pick<CallerContext, "tenant" | "subject">;

type Parts<Queries> = {
  readonly answersOf: (tx: Prisma.TransactionClient) => AnswerTable;
  readonly createQueries: (tx: Prisma.TransactionClient) => Queries;
};

/**
 * Runs `work` and remembers the id it gives under the caller's key, in one transaction, whose commit waits until another
 * region has it. The lock makes two requests with one key wait for each other instead of both writing. A refusal writes and remembers nothing; work that never
 * refuses says so with `<never>`.
 */
export function createWriteOnce<Queries>(prisma: PrismaClient, { answersOf, createQueries }: Parts<Queries>) {
  return <Refusal extends object = never>(
    { tenant, subject }: KeyOwner,
    callersKey: string,
    request: unknown,
    work: (queries: Queries) => Promise<string | Refusal>,
  ): Promise<OnceAnswer | Refusal> =>
    prisma.$transaction(async (tx) => {
      const key = hashKey(subject, callersKey);
      await tx.$executeRaw`
        SELECT pg_advisory_xact_lock(hashtextextended(${`${tenant}|${key}`}, 0)), replication.wait_for_peers()`;
      const answers = answersOf(tx);
      const store = {
        findAnswer: async () => answers.findUnique({ where: { tenant_key: { tenant, key } } }),
        storeAnswer: async (requestHash: string, result: string) => {
          await answers.create({ data: { tenant, key, requestHash, result } });
        },
      };
      return answerOnce<Refusal>(store, request, () => work(createQueries(tx)));
    });
}

/** Answers go to every region, so that a retry finds them wherever it arrives; who asked must not go along. */
function hashKey(subject: string | null, callersKey: string): string {
  return createHash("sha256")
    .update(JSON.stringify([subject, callersKey]))
    .digest("base64url");
}
