/** `npm run ingest:replay [-- --reason REASON]`: sends parked records once more. Exit code 1 when log or database fail. */
import { parseArgs } from "node:util";
import { openEventLog } from "../../shared/eventLog/openEventLog.ts";
import { openIngestDb } from "../db/ingest.ts";
import { replayParked } from "../ingest/replayParked.ts";
import { parseImportConfig } from "./importers/config.ts";

try {
  const { values } = parseArgs({ options: { reason: { type: "string" } } });
  const { databaseUrl, eventLogUrl, region } = parseImportConfig(process.env);
  const eventLog = openEventLog({ url: eventLogUrl, applicationName: "atlas-replay" });
  const db = openIngestDb({ url: databaseUrl, regionCode: region });
  try {
    const { replayed, passedOver } = await replayParked({ eventLog, db, reason: values.reason });
    process.stdout.write(`replayed ${replayed}, passed over ${passedOver}\n`);
  } finally {
    await eventLog.close();
    await db.close();
  }
} catch (error) {
  process.stderr.write(`Nothing more was replayed: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}
