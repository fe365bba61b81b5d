/** Makes a rule with its test and names it where it is asked. Nothing is written unless everything can be. */
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { LaunchError } from "../../local/launchError.ts";
import { areas, readRules } from "../pages/readRules.ts";
import { changesByQuestion } from "./nameRule.ts";
import { type NewRule, toRuleFiles } from "./ruleFiles.ts";

const usage = `Expected npm run policy:new -- <area>/<rule> [--question fields|objects], with an area of ${areas.join(", ")}`;

/** https://www.openpolicyagent.org/docs/policy-reference, "Reserved names", and the names of the entrypoints. */
const reserved = new Set(
  "as contains data default else every false if import in input not null package some true with fields filters objects rules".split(
    " ",
  ),
);

/** Throws a LaunchError that says what was expected and what came. */
export function parseNewRule(name: string, question: string): NewRule {
  const [area = "", rule = "", ...rest] = name.split("/");
  if (rest.length > 0 || !areas.some((known) => known === area))
    throw new LaunchError(`${usage}; got "${name}"`);
  if (!/^[a-z][a-zA-Z]*$/.test(rule))
    throw new LaunchError(
      `${usage} and a rule of letters that begins with a small one, such as exports; got "${rule}"`,
    );
  if (reserved.has(rule))
    throw new LaunchError(`Expected a name that Rego or the entrypoints have not taken; got "${rule}"`);
  if (question !== "fields" && question !== "objects")
    throw new LaunchError(
      `Expected --question fields, before fetching, or objects, about loaded rows; got "${question}"`,
    );
  return { area, rule, question };
}

/** Answers the paths of what was made and changed, from `root`. */
export async function makeRule(root: string, made: NewRule): Promise<readonly string[]> {
  const { area, rule } = made;
  const namesake = readRules(root).find(({ name }) => name === rule);
  if (namesake)
    throw new LaunchError(
      `policies/${namesake.area}/${rule}.rego is there already${namesake.area === area ? "" : ": entrypoints name rules without their area"}`,
    );
  const files = new Map(toRuleFiles(made));
  for (const path of files.keys())
    if (existsSync(join(root, path))) throw new LaunchError(`${path} is there already`);
  for (const [path, changes] of changesByQuestion[made.question]) {
    const before = await readFile(join(root, path), "utf8");
    files.set(
      path,
      changes.reduce((text, change) => change(text, made), before),
    );
  }
  for (const [path, text] of files) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  return [...files.keys()];
}
