/** `npm run generate:replication`: prints the SQL of the replicated tables, for a new migration. */
import { generateReplicatedTables } from "./generateReplicatedTables.ts";

console.log(generateReplicatedTables());
