/** Lends the record of decisions to a command: that of `DATABASE_URL`, or of the local region. */
import type pg from "pg";
import { z } from "zod";
import { withLocalDatabase } from "../local/commands/withLocalDatabase.ts";
import { withClient } from "../local/prepareDatabase.ts";

export async function withRecord<Result>(use: (client: pg.Client) => Promise<Result>): Promise<Result> {
  const url = z.object({ DATABASE_URL: z.string().optional() }).parse(process.env).DATABASE_URL;
  return url === undefined
    ? withLocalDatabase(({ adminUrl }) => withClient(adminUrl, use))
    : withClient(url, use);
}
