/** Which pages may talk to the gateway from a browser: for CORS, and for WebSocket upgrades, which CORS does not cover. */

export type AllowOrigin = (origin: string) => boolean;

const sandboxOrigin = "https://studio.apollographql.com";
const loopback = /^https?:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/;

/** The local profile adds Apollo Sandbox and pages on this machine; production has its list and nothing else. */
export function createAllowOrigin(profile: "local" | "production", origins: readonly string[]): AllowOrigin {
  const listed = new Set(origins);
  return (origin) =>
    listed.has(origin) || (profile === "local" && (origin === sandboxOrigin || loopback.test(origin)));
}
