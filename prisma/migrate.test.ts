import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import pg from "pg";
import { startDatabase, type TestDatabase } from "../test/support/startDatabase.ts";
import { migrate } from "./migrate.ts";
import { loadMigrations } from "./migrations.ts";

describe("migrate", () => {
  let database: TestDatabase;
  let folder: string;

  beforeEach(async () => {
    database = await startDatabase({ from: "empty" });
    folder = await mkdtemp(join(tmpdir(), "atlas-migrations-"));
    await write("0001_books.sql", "CREATE TABLE book (id int);");
  });

  afterEach(async () => {
    await database[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  test("applies every file once, in order", async () => {
    await write("0002_titles.sql", "ALTER TABLE book ADD title text;");
    expect(await run()).toEqual(["0001_books", "0002_titles"]);
    await write("0003_pages.sql", "ALTER TABLE book ADD pages int;");
    expect(await run()).toEqual(["0003_pages"]);
    expect(await run()).toEqual([]);
  });

  test("lets runners that race wait for each other", async () => {
    await write("0002_slow.sql", "SELECT pg_sleep(0.3); INSERT INTO book VALUES (1);");
    const applied = await Promise.all([run(), run(), run()]);
    expect(applied.flat().sort()).toEqual(["0001_books", "0002_slow"]);
    expect(await database.query("SELECT * FROM book")).toHaveLength(1);
  });

  test("takes back the whole of a file that fails, names the line, and goes on when it is corrected", async () => {
    await write("0002_titles.sql", "ALTER TABLE book ADD title text;\n\nALTER TABLE boook ADD pages int;");
    await expect(run()).rejects.toMatchObject({
      fault: "FAILED",
      message: expect.stringMatching(
        /0002_titles failed.*"boook" does not exist.*Nothing of it was applied/s,
      ),
    });
    expect(await columnsOf("book")).toEqual(["id"]);
    await write("0002_titles.sql", "ALTER TABLE book ADD title text;");
    expect(await run()).toEqual(["0002_titles"]);
  });

  test("names the line of a syntax error", async () => {
    await write("0002_titles.sql", "SELECT 1;\nALTER TABEL book ADD title text;");
    await expect(run()).rejects.toThrow("0002_titles failed at line 2: syntax error");
  });

  test("refuses a database whose migration was edited afterwards", async () => {
    await run();
    await write("0001_books.sql", "CREATE TABLE book (id bigint);");
    await expect(run()).rejects.toMatchObject({
      fault: "CHANGED",
      message: expect.stringMatching(/0001_books was edited after it was applied.*npm run reset/s),
    });
  });

  test("refuses a database that a newer Atlas has used", async () => {
    await write("0002_titles.sql", "ALTER TABLE book ADD title text;");
    await run();
    await rm(join(folder, "0002_titles.sql"));
    await expect(run()).rejects.toMatchObject({
      fault: "UNKNOWN",
      message: expect.stringContaining("0002_titles"),
    });
  });

  test.each([
    ["commits and fails", "CREATE TABLE shelf (id int); COMMIT; SELECT 1/0;"],
    ["commits and begins anew", "CREATE TABLE shelf (id int); COMMIT; BEGIN;"],
  ])("says that a file which %s is half-applied, and keeps saying so", async (_case, sql) => {
    await write("0002_shelves.sql", sql);
    for (const attempt of [run, run]) {
      await expect(attempt()).rejects.toMatchObject({
        fault: "HALF_APPLIED",
        message: expect.stringMatching(/0002_shelves ended its own transaction.*delete the row/s),
      });
    }
  });

  test.each(["0003_gap.sql", "0001_again.sql", "2_short.sql", "0002_Title.sql"])(
    "refuses the name %s",
    async (name) => {
      await write(name, "SELECT 1;");
      await expect(run()).rejects.toMatchObject({
        fault: "MISNAMED",
        message: expect.stringMatching(/^Migration \S+\.sql was expected to be named 000[12]_<purpose>\.sql/),
      });
    },
  );

  async function write(name: string, sql: string): Promise<void> {
    await writeFile(join(folder, name), sql);
  }

  async function run(): Promise<readonly string[]> {
    const client = new pg.Client({ connectionString: database.adminUrl });
    await client.connect();
    try {
      return await migrate(client, await loadMigrations(folder));
    } finally {
      await client.end();
    }
  }

  async function columnsOf(table: string): Promise<string[]> {
    const rows = await database.query<{ column_name: string }>(
      "SELECT column_name FROM information_schema.columns WHERE table_name = $1",
      [table],
    );
    return rows.map((row) => row.column_name);
  }
});
