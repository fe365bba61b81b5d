/** `npm run -s token -- analyst`: signs a demo user in at the running issuer and prints the bare access token. */
import { findEndpoints } from "../endpoints.ts";
import { getToken } from "../issuer/getToken.ts";
import { runCommand } from "./runCommand.ts";

await runCommand(async () => {
  console.log(await getToken(process.argv[2], findEndpoints()?.issuer));
});
