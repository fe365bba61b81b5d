/** `npm run -s compose:secrets`: prints the secrets that compose.yaml asks for, made anew each time. */
import { randomBytes } from "node:crypto";
import { deriveContextKey } from "../gateway/stages/signContext.ts";
import { subgraphNames } from "./local/subgraphNames.ts";
import { makeSigningKey, publicKeyOf } from "./policies/makeSigningKey.ts";

const secret = randomBytes(32);
const signingKey = makeSigningKey();
const password = (): string => randomBytes(24).toString("base64url");

console.log(`POSTGRES_PASSWORD=${password()}`);
// One line, as .env files have it.
console.log(`POLICY_SIGNING_KEY=${Buffer.from(signingKey).toString("base64url")}`);
console.log(`ATLAS_POLICY_KEYS=${publicKeyOf(signingKey)}`);
console.log(`ATLAS_CONTEXT_SECRET=${secret.toString("base64url")}`);
for (const name of subgraphNames) {
  const key = Buffer.from(deriveContextKey(secret, name)).toString("base64url");
  console.log(`${name.toUpperCase()}_PASSWORD=${password()}`);
  console.log(`${name.toUpperCase()}_CONTEXT_KEY=${key}`);
}
