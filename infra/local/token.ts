/** `npm run -s token -- analyst`: signs a demo user in at the running issuer and prints the bare access token. */
import { findEndpoints } from "./endpoints.ts";
import { demoUsers } from "./issuer/demoUsers.ts";
import { signIn } from "./issuer/signIn.ts";

const names = Object.keys(demoUsers);

async function printToken(name: string | undefined): Promise<void> {
  if (name === "anonymous")
    return fail("Anonymous callers need no token: leave the Authorization header out.");
  if (name === undefined || !names.includes(name)) {
    return fail(`Expected one of ${names.join(", ")}${name === undefined ? "" : `; got "${name}"`}.`);
  }
  const endpoints = findEndpoints();
  if (endpoints === null) return fail("Nothing is running in this checkout: `npm start` starts it.");
  try {
    const { access_token } = await signIn({ issuer: endpoints.issuer, user: name });
    console.log(access_token);
  } catch (error) {
    const cause = error instanceof Error ? (error.cause ?? error) : error;
    fail(
      `The issuer at ${endpoints.issuer} gave no token: ${cause instanceof Error ? cause.message : "no reason"}`,
    );
  }
}

function fail(message: string): void {
  console.error(message);
  process.exitCode = 1;
}

await printToken(process.argv[2]);
