/**
 * `npm run policy:new -- <area>/<rule> [--question fields|objects]`: a rule in dry-run, its test and its page, named where
 * it is asked.
 */
import { parseArgs } from "node:util";
import { runCommand } from "../../local/commands/runCommand.ts";
import { LaunchError } from "../../local/launchError.ts";
import { checkout } from "../../local/paths.ts";
import { comparePages } from "../pages/comparePages.ts";
import { writePages } from "../pages/writePages.ts";
import { makeRule, parseNewRule } from "./makeRule.ts";

await runCommand(async () => {
  const { positionals, values } = readArguments();
  const [name = "", ...rest] = positionals;
  if (rest.length > 0) throw new LaunchError(`Expected one rule at a time; got ${positionals.join(", ")}`);
  const made = await makeRule(checkout, parseNewRule(name, values.question));
  const written = await writePages(checkout, await comparePages());
  for (const path of [...made, ...written]) console.log(`wrote ${path}`);
  console.log(`
The rule is in dry-run: what it objects to is told in the record of decisions, and nobody is denied. Next:
  npm run policy:test     strict check, format, tests
  npm run policy:build    the bundle, committed with the rule
  npm run policy:pages    its page, again, when its METADATA has changed
  npm run policy:diff -- policies/bundle/atlas.tar.gz`);
});

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: { question: { type: "string", default: "fields" } },
    });
  } catch (cause) {
    throw new LaunchError(cause instanceof Error ? cause.message : String(cause));
  }
}
