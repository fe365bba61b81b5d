/** `npm run replication:repair`: fetches into every region of the running `start:global` what its peers have and it lacks. */
import pg from "pg";
import { receiverRole } from "../../replication/member.ts";
import { repairFrom } from "../../replication/repair.ts";
import { findGlobalRegions } from "../globalRegions.ts";
import { LaunchError } from "../launchError.ts";
import { runCommand } from "./runCommand.ts";

await runCommand(async () => {
  const regions = await findGlobalRegions();
  if (regions === null)
    throw new LaunchError("No regions run in this checkout. Start them with `npm run start:global`.");
  for (const to of regions) {
    for (const from of regions.filter((one) => one !== to)) {
      const peer = new pg.Client({ ...from.address, user: receiverRole(to.member.region) });
      peer.on("error", () => undefined);
      try {
        await peer.connect();
        const { compared, fetched } = await to.asAdmin((own) => repairFrom(own, peer));
        console.log(
          `${to.member.region} from ${from.member.region}: ${compared} lots compared, ${fetched} changes fetched`,
        );
      } catch (error) {
        console.log(
          `${to.member.region} from ${from.member.region}: ${error instanceof Error ? error.message : String(error)}`,
        );
        process.exitCode = 1;
      } finally {
        await peer.end().catch(() => undefined);
      }
    }
  }
});
