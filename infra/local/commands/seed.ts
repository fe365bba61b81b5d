/** `npm run db:seed`: fills the local database; running it again changes nothing that is right already. */
import { localConfig } from "../config.ts";
import { markSeeded, seedDatabase } from "../seedDatabase.ts";
import { runCommand } from "./runCommand.ts";
import { withLocalDatabase } from "./withLocalDatabase.ts";

await runCommand(() =>
  withLocalDatabase(async ({ port, name, adminUrl, passwords }) => {
    const target = {
      port,
      database: name,
      passwords,
      region: localConfig.region,
      dataFolder: localConfig.dataFolder,
    };
    await seedDatabase(target, { onLine: console.log });
    await markSeeded(adminUrl);
  }),
);
