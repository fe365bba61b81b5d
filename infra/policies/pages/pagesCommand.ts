/** `npm run policy:pages`: writes the page of each rule and the guide's table, and takes away pages of rules that are gone. */
import { runCommand } from "../../local/commands/runCommand.ts";
import { checkout } from "../../local/paths.ts";
import { comparePages } from "./comparePages.ts";
import { writePages } from "./writePages.ts";

await runCommand(async () => {
  const changes = await comparePages();
  for (const path of await writePages(checkout, changes)) console.log(`wrote ${path}`);
  for (const path of changes.gone) console.log(`removed ${path}`);
  if (changes.stale.size + changes.gone.length === 0) console.log("every page is current");
});
