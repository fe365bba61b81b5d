/**
 * `npm run policy:sign -- <built bundle> <signed bundle> --key <private key, PEM> [--revision <revision>]`: makes a
 * release. Without a key file it makes one and says what to configure. Without a revision it is the moment.
 */
import { createPrivateKey } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { PolicyError } from "../../policies/runtime/policyError.ts";
import { signBundle } from "../../policies/runtime/signBundle.ts";
import { runCommand } from "../local/commands/runCommand.ts";
import { LaunchError } from "../local/launchError.ts";
import { writePrivately } from "../local/state.ts";
import { makeSigningKey, publicKeyOf } from "./makeSigningKey.ts";

const usage =
  "Expected npm run policy:sign -- <built bundle> <signed bundle> --key <private key, PEM> [--revision <revision>]";

await runCommand(async () => {
  const { positionals, values } = readArguments();
  const [built, signed] = positionals;
  const { key: keyFile, revision = new Date().toISOString() } = values;
  if (built === undefined || signed === undefined || keyFile === undefined) throw new LaunchError(usage);
  if (!existsSync(keyFile)) {
    await writePrivately(keyFile, makeSigningKey());
    console.log(`made a key: ${keyFile}. Keep it where only releases are made.`);
  }
  const privateKey = createPrivateKey(await readFile(keyFile, "utf8"));
  try {
    await writeFile(signed, await signBundle(await readFile(built), { privateKey, revision }));
  } catch (thrown) {
    if (thrown instanceof PolicyError) throw new LaunchError(thrown.message);
    throw thrown;
  }
  console.log(`signed ${signed} as ${revision}\nATLAS_POLICY_KEYS=${publicKeyOf(privateKey)}`);
});

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: { key: { type: "string" }, revision: { type: "string" } },
    });
  } catch {
    throw new LaunchError(usage);
  }
}
