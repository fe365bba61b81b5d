/** `npm run replication:repair`: fetches into every region of the running `start:global` what its peers have and it lacks. */
import { repairRegion } from "../../replication/repairRegion.ts";
import { findGlobalRegions } from "../globalRegions.ts";
import { LaunchError } from "../launchError.ts";
import { runCommand } from "./runCommand.ts";

await runCommand(async () => {
  const regions = await findGlobalRegions();
  if (regions === null)
    throw new LaunchError("No regions run in this checkout. Start them with `npm run start:global`.");
  for (const to of regions) {
    const peers = regions.filter((one) => one !== to);
    const { peers: fetched, isWhole } = await repairRegion(to, peers, "asked for");
    for (const [from, outcome] of Object.entries(fetched)) {
      const told = typeof outcome === "number" ? `${outcome} changes fetched` : outcome;
      console.log(`${to.member.region} from ${from}: ${told}`);
    }
    if (!isWhole) process.exitCode = 1;
  }
});
