/**
 * `npm run -s generate:replication -- [after]`: prints the SQL of the tables in the list after the first `after` (default 0),
 * for the migration that adds them.
 */
import { generateReplicatedTables } from "./generateReplicatedTables.ts";
import { replicatedTables } from "./replicatedTables.ts";

const after = Number(process.argv[2] ?? 0);
console.log(generateReplicatedTables(replicatedTables.slice(after), after));
