/**
 * Refuses a GET that a page of another origin could have made a browser send without asking first.
 * A POST needs no check here: only `application/json` is read, and a browser never sends that across origins
 * without a preflight. The reasoning, and what was rejected, is in docs/decisions/0003-csrf.md.
 */
import { AppError } from "../errors.ts";

export type HeaderReader = (name: string) => string | undefined;

/** Headers that a page can only send after a preflight; any value of them is a proof. */
const preflightHeaders = ["apollo-require-preflight", "x-apollo-operation-name"] as const;

export function preventCsrf(header: HeaderReader): void {
  if (isPreflighted(header) || !mayBeCrossSite(header)) return;
  throw new AppError(
    "CSRF_PREVENTED",
    403,
    `A browser may send this GET for another site. Add the header ${preflightHeaders[0]}: true, or send a POST with the content-type application/json.`,
  );
}

function isPreflighted(header: HeaderReader): boolean {
  if (preflightHeaders.some((name) => header(name))) return true;
  // Browsers add Basic and Negotiate credentials by themselves, a bearer token never.
  return /^bearer /i.test(header("authorization") ?? "");
}

/** True as soon as anything says that a browser sent this for a page that is not our own. Content-Type and Accept say nothing: pages may set them. */
function mayBeCrossSite(header: HeaderReader): boolean {
  const site = header("sec-fetch-site");
  if (site !== undefined) return site !== "same-origin" && site !== "none";
  // Browsers leave Sec-Fetch-Site out on plain http to a host that is not loopback, but all call themselves Mozilla.
  const isBrowser = /^mozilla\//i.test(header("user-agent") ?? "");
  return isBrowser || ["origin", "referer", "cookie"].some((name) => header(name) !== undefined);
}
