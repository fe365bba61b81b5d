/**
 * The release of policies inside compose.yaml: signs the image's bundle with the key in POLICY_SIGNING_KEY (PEM in
 * base64url) for the gateway beside it. A real deployment signs where it releases, and its gateways read a URL.
 */
import { createPrivateKey } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { z } from "zod";
import { signBundle } from "../../policies/runtime/signBundle.ts";

const { POLICY_SIGNING_KEY } = z.object({ POLICY_SIGNING_KEY: z.string().min(1) }).parse(process.env);
const [built, signed] = z.tuple([z.string(), z.string()]).parse(process.argv.slice(2));
const privateKey = createPrivateKey(Buffer.from(POLICY_SIGNING_KEY, "base64url").toString("utf8"));
await writeFile(
  signed,
  await signBundle(await readFile(built), { privateKey, revision: new Date().toISOString() }),
);
