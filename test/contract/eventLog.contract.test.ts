import { describeEventLog } from "./eventLog/describeEventLog.ts";
import { startPostgresLog } from "./eventLog/postgresLog.ts";

describeEventLog("PostgreSQL", startPostgresLog);
