/** `npm run reset`: removes the local state, that is the database, its passwords, the issuer's keys, and the logs. */
import { rm } from "node:fs/promises";
import { takeLock } from "../lock.ts";
import { removeOutside } from "../postgres/placement.ts";
import { state } from "../state.ts";
import { runCommand } from "./runCommand.ts";

await runCommand(async () => {
  takeLock();
  await removeOutside(state.postgres);
  // By name: other folders of .atlas are caches, such as programs that took minutes to build.
  for (const path of [state.postgres, state.secrets, state.issuer, state.logs, state.endpoints]) {
    await rm(path, { recursive: true, force: true });
  }
  console.log("Removed the local state; `npm start` makes it anew.");
});
