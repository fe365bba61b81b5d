/** The Prisma schema and the SQL migrations are written apart; this keeps them one. */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { PrismaPg } from "@prisma/adapter-pg";
import { subgraphNames } from "../../../infra/local/subgraphNames.ts";
import { Prisma, PrismaClient } from "../../../prisma/generated/client.ts";
import { startDatabase, type TestDatabase } from "../../support/startDatabase.ts";
import { type Column, loadPrismaModels } from "./prismaModels.ts";

const models = loadPrismaModels();

/** Written and read by SQL alone: the transactional outbox of signals. */
const withoutModel = ["intelligence.outbox"];

describe("Prisma's models and the migrated tables", () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await startDatabase({ from: "migrated" });
  }, 120_000);
  afterAll(async () => {
    await database?.[Symbol.asyncDispose]();
  });

  test("name the same tables", async () => {
    const tables = await database.query<{ name: string }>(
      "SELECT schemaname || '.' || tablename AS name FROM pg_tables WHERE schemaname = ANY ($1)",
      [subgraphNames],
    );
    const named = [...models.map(({ table }) => table), ...withoutModel];
    expect(named.sort()).toEqual(tables.map(({ name }) => name).sort());
    expect(models.map(({ name }) => name).sort()).toEqual(Object.values(Prisma.ModelName).sort());
  });

  test.each(models)("$name has the columns and keys of $table", async ({ table, columns, keys }) => {
    const found = await database.query<Column>(
      `SELECT attname AS name, format_type(atttypid, atttypmod) AS type, NOT attnotnull AS nullable
       FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped`,
      [table],
    );
    expect(byName(columns)).toEqual(byName(found));
    const unique = await database.query<{ columns: string }>(
      `SELECT string_agg(attname, ', ' ORDER BY position) AS columns
       FROM pg_constraint, unnest(conkey) WITH ORDINALITY AS key (number, position)
       JOIN pg_attribute ON attnum = number
       WHERE conrelid = $1::regclass AND attrelid = conrelid AND contype IN ('p', 'u')
       GROUP BY pg_constraint.oid`,
      [table],
    );
    expect(keys.toSorted()).toEqual(unique.map((one) => one.columns).sort());
  });

  test.each(subgraphNames)(
    "let the role of %s read every model of its own and none of the others'",
    async (subgraph) => {
      const adapter = new PrismaPg({ connectionString: database.urlOf(subgraph), max: 2 });
      const prisma = new PrismaClient({ adapter });
      try {
        for (const { name, table } of models) {
          const answer = await findFirst(prisma, name).then(
            () => "read",
            () => "refused",
          );
          expect(`${table}: ${answer}`).toBe(
            `${table}: ${table.startsWith(`${subgraph}.`) ? "read" : "refused"}`,
          );
        }
      } finally {
        await prisma.$disconnect();
      }
    },
  );
});

/** The client's delegates are typed one by one; here any will do, since all have `findFirst`. */
async function findFirst(prisma: PrismaClient, model: string): Promise<unknown> {
  const property = `${model.charAt(0).toLowerCase()}${model.slice(1)}`;
  const delegates = prisma as unknown as Record<string, { findFirst: () => Promise<unknown> }>;
  const delegate = delegates[property];
  if (!delegate) throw new Error(`the client has no ${property}: run \`npm run generate\``);
  return delegate.findFirst();
}

function byName(columns: readonly Column[]): Column[] {
  return columns.toSorted((a, b) => a.name.localeCompare(b.name, "en"));
}
