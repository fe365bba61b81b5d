/** Headers of a client that the configuration lets through to subgraphs; every other one stays here. */
import type { HeaderReader } from "./preventCsrf.ts";

export function pickForwarded(
  names: readonly string[],
  header: HeaderReader,
): Readonly<Record<string, string>> {
  const forwarded: Record<string, string> = {};
  for (const name of names) {
    const value = header(name);
    if (value !== undefined) forwarded[name] = value;
  }
  return forwarded;
}
