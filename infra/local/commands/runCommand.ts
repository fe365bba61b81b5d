/** Runs a command of package.json: a fault that a person can do something about is a message, not a stack. */
import { MigrationError } from "../../../prisma/migrationError.ts";
import { LaunchError } from "../launchError.ts";

export async function runCommand(command: () => Promise<void>): Promise<void> {
  try {
    await command();
  } catch (error) {
    if (!(error instanceof LaunchError || error instanceof MigrationError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
