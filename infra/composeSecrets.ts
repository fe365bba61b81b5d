/** `npm run -s compose:secrets`: prints the secrets that compose.yaml asks for, made anew each time. */
import { randomBytes } from "node:crypto";
import { deriveContextKey } from "../gateway/stages/signContext.ts";
import { subgraphNames } from "./local/subgraphNames.ts";

const secret = randomBytes(32);
const password = (): string => randomBytes(24).toString("base64url");

console.log(`POSTGRES_PASSWORD=${password()}`);
console.log(`ATLAS_CONTEXT_SECRET=${secret.toString("base64url")}`);
for (const name of subgraphNames) {
  const key = Buffer.from(deriveContextKey(secret, name)).toString("base64url");
  console.log(`${name.toUpperCase()}_PASSWORD=${password()}`);
  console.log(`${name.toUpperCase()}_CONTEXT_KEY=${key}`);
}
