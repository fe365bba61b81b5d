import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { GraphQLError } from "graphql";
import { pino } from "pino";
import { startProxy } from "../../test/contract/subgraphs/startProxy.ts";
import { startDatabase, type TestDatabase } from "../../test/support/startDatabase.ts";
import { maskError } from "./errors.ts";
import { openPrisma } from "./prisma.ts";
import { reportError } from "./reportError.ts";

let database: TestDatabase;

beforeAll(async () => {
  database = await startDatabase({ from: "migrated" });
});
afterAll(async () => {
  await database?.[Symbol.asyncDispose]();
});

/** What a client would be told of the failure of `work`; "works" when it did not fail. */
async function tellOf(work: () => Promise<unknown>): Promise<unknown> {
  try {
    await work();
    return "works";
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return maskError(new GraphQLError(error.message, { originalError: error })).extensions.code;
  }
}

test("a database that falls silent is given up in time, and asked again once it speaks", async () => {
  await using proxy = await startProxy(database.port);
  const url = new URL(database.urlOf("regions"));
  url.port = String(proxy.port);
  const prisma = openPrisma({ url: url.href, applicationName: "test", queryTimeoutMs: 300 });
  try {
    expect(await tellOf(() => prisma.region.count())).toBe("works");
    proxy.freeze();
    const askedAt = Date.now();
    expect(await tellOf(() => prisma.region.count())).toBe("DATABASE_UNAVAILABLE");
    expect(Date.now() - askedAt).toBeLessThan(3_000);
    // The silent connection is not taken again, so the next one works before the old one is heard of.
    expect(await tellOf(() => prisma.region.count())).toBe("works");
    proxy.thaw();
    expect(await tellOf(() => prisma.region.count())).toBe("works");
  } finally {
    await prisma.$disconnect();
  }
});

test("what callers send is not in the log of a call that fails", async () => {
  const prisma = openPrisma({ url: database.urlOf("regions"), applicationName: "test" });
  const lines: string[] = [];
  const log = pino({ base: null }, { write: (line) => lines.push(line) });
  try {
    const cause = await prisma.dataSubject
      .findMany({ where: { pseudonym: "Jane Doe", createdAt: { gt: "yesterday" } } })
      .catch((error: Error) => error);
    if (!(cause instanceof Error)) throw new Error("expected a failure");
    const error = new GraphQLError(cause.message, { originalError: cause });
    reportError(log, error, maskError(error));
    expect(lines.join()).toContain("Expected ISO-8601 DateTime");
    expect(lines.join()).toContain("prisma.contract.test.ts");
    expect(lines.join()).not.toMatch(/Jane Doe|yesterday/);
  } finally {
    await prisma.$disconnect();
  }
});
