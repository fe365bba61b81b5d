import { expect, test } from "@jest/globals";
import { withClient } from "../../infra/local/prepareDatabase.ts";
import { startDatabase } from "../support/startDatabase.ts";
import { describeEventLog } from "./eventLog/describeEventLog.ts";
import { startPostgresLog } from "./eventLog/postgresLog.ts";

describeEventLog("PostgreSQL", startPostgresLog);

test("appending reads the log by its index alone, also where its plans were made while the log was empty", async () => {
  await using database = await startDatabase({ from: "migrated" });
  const read = await withClient(database.adminUrl, async (client) => {
    await client.query("INSERT INTO event_log.topic (name, partitions) VALUES ('grows', 1)");
    await client.query("INSERT INTO event_log.partition (topic, partition) VALUES ('grows', 0)");
    await client.query("BEGIN");
    for (let batch = 0; batch < 20; batch += 1) {
      await client.query(
        `SELECT event_log.append('grows', 'producer', array_fill(0, ARRAY[100]),
           ARRAY(SELECT generate_series($1::bigint, $1::bigint + 99)), array_fill(NULL::bytea, ARRAY[100]),
           array_fill('\\x00'::bytea, ARRAY[100]), array_fill('{}'::jsonb, ARRAY[100]))`,
        [batch * 100],
      );
    }
    const { rows } = await client.query<{ read: string }>(
      "SELECT seq_tup_read::text AS read FROM pg_stat_xact_all_tables WHERE relid = 'event_log.record'::regclass",
    );
    await client.query("COMMIT");
    return rows[0]?.read;
  });
  expect(read).toBe("0");
}, 120_000);
