#!/usr/bin/env -S node --max-semi-space-size=32
/** `atlas-gateway`: the gateway on its own, in front of any supergraph. */
import { readFileSync } from "node:fs";
import { StartError } from "../startError.ts";
import { flagNames, parseFlags, usage } from "./parseFlags.ts";

try {
  const flags = parseFlags(process.argv.slice(2));
  if (flags.kind === "help") process.stdout.write(usage);
  else if (flags.kind === "version") console.log(readVersion());
  else {
    // Loaded only now, because composing and planning are a second's worth of code that --help does not need.
    const { runProcess } = await import("../runProcess.ts");
    await runProcess({
      // Somebody who starts it by hand is building something; in production the profile is set.
      environment: { ATLAS_PROFILE: "local", ...process.env, ...flags.variables },
      names: flagNames,
      onReady: (url) => console.log(`ready ${url}/graphql`),
    });
  }
} catch (thrown) {
  if (!(thrown instanceof StartError)) throw thrown;
  console.error(thrown.message);
  process.exitCode = 2;
}

/** The manifest is two folders up from the sources and three from dist/. */
function readVersion(): string {
  for (const path of ["../../package.json", "../../../package.json"]) {
    try {
      const { version } = JSON.parse(readFileSync(new URL(path, import.meta.url), "utf8")) as {
        version: string;
      };
      return version;
    } catch {
      // Not there: the next place.
    }
  }
  throw new StartError("The package's manifest cannot be found beside the program.");
}
