/**
 * `npm run -s generate:postgres > postgresql.conf`: the settings for production, each under its reason. What depends on the
 * machine (memory, disks) and on the regions (synchronous_standby_names) is the operator's.
 */
import { toConf } from "./toConf.ts";

console.log(toConf());
