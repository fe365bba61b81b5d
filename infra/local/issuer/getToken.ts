/** An access token for a demo user by name, or what to do instead. */
import { LaunchError } from "../launchError.ts";
import { demoUsers } from "./demoUsers.ts";
import { signIn } from "./signIn.ts";

/** `issuer` is undefined when nothing runs. Every refusal is a LaunchError, for the person at the terminal. */
export async function getToken(name: string | undefined, issuer: string | undefined): Promise<string> {
  const names = Object.keys(demoUsers).join(", ");
  if (name === "anonymous") {
    throw new LaunchError("Anonymous callers need no token: leave the Authorization header out.");
  }
  if (name === undefined || !Object.hasOwn(demoUsers, name)) {
    throw new LaunchError(`Expected one of ${names}${name === undefined ? "" : `; got "${name}"`}.`);
  }
  if (issuer === undefined) throw new LaunchError("Nothing runs in this checkout: `npm start` starts it.");
  try {
    return (await signIn({ issuer, user: name })).access_token;
  } catch (cause) {
    throw new LaunchError(
      `The issuer at ${issuer} gave no token; is it still running? .atlas/logs has what it said.`,
      { cause },
    );
  }
}
