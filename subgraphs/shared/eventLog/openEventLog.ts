/** The event log that a URL names: `postgresql://…` or `kafka://…`. */
import type { EventLog } from "./eventLog.ts";
import { openKafkaEventLog } from "./kafkaEventLog.ts";
import { openPostgresEventLog } from "./postgresEventLog.ts";

export type EventLogOptions = {
  readonly url: string;
  readonly applicationName: string;
  /** Told of faults in the background that are retried. */
  readonly onFault?: (error: unknown) => void;
};

export function openEventLog(options: EventLogOptions): EventLog {
  return /^kafkas?:/.test(options.url) ? openKafkaEventLog(options) : openPostgresEventLog(options);
}
