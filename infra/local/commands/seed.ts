/** `npm run db:seed`: fills the local database; running it again changes nothing that is right already. */
import { findDataFolder, markSeeded, seedDatabase } from "../seedDatabase.ts";
import { runCommand } from "./runCommand.ts";
import { withLocalDatabase } from "./withLocalDatabase.ts";

await runCommand(() =>
  withLocalDatabase(async ({ port, name, adminUrl, passwords }) => {
    const target = { port, database: name, passwords, region: "us-east", dataFolder: findDataFolder() };
    await seedDatabase(target, console.log);
    await markSeeded(adminUrl);
  }),
);
