import { setTimeout as sleep } from "node:timers/promises";
import type { EventLog } from "../../../subgraphs/shared/eventLog/eventLog.ts";
import { openPostgresEventLog } from "../../../subgraphs/shared/eventLog/postgresEventLog.ts";
import { startDatabase } from "../../support/startDatabase.ts";
import type { LogUnderTest } from "./logUnderTest.ts";

/** As the role that uses it, so that missing grants show. */
export async function startPostgresLog(): Promise<LogUnderTest> {
  const database = await startDatabase({ from: "migrated" });
  const opened: EventLog[] = [];
  return {
    open: () => {
      const log = openPostgresEventLog({
        url: database.urlOf("intelligence"),
        applicationName: "event-log-suite",
        pollMs: 500,
        retentionCheckMs: 200,
      });
      opened.push(log);
      return log;
    },
    // Making a connection takes a loaded machine longer than an idle one.
    cutEveryMs: 120,
    findsRepetitions: true,
    cutConnections: async () => {
      await database.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'event-log-suite%'",
      );
    },
    expelMembers: async (groupId) => {
      await database.query("DELETE FROM event_log.member WHERE group_id = $1", [groupId]);
    },
    expireRecords: async (topic) => {
      await database.query("UPDATE event_log.record SET appended_at = '2000-01-01' WHERE topic = $1", [
        topic,
      ]);
      const isKept = async () =>
        (await database.query("SELECT FROM event_log.record WHERE topic = $1", [topic])).length > 0;
      while (await isKept()) await sleep(20);
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(opened.map((log) => log.close()));
      await database[Symbol.asyncDispose]();
    },
  };
}
