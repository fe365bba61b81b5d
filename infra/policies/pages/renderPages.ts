/** All that is written about rules: a page for each, and the table of the guide. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { loadSupergraph } from "../../../gateway/supergraph/loadSupergraph.ts";
import { checkout } from "../../local/paths.ts";
import { findExamples } from "./findExamples.ts";
import { findPlaces } from "./findPlaces.ts";
import { type RuleSource, readRules } from "./readRules.ts";
import { renderPage } from "./renderPage.ts";

const guide = "docs/guides/policies.md";
const [begin, end] = ["<!-- rules: written by `npm run policy:pages` -->", "<!-- /rules -->"];

/** By path from the root. `root` has the rules and the guide; the supergraph is the checkout's. */
export async function renderPages(root = checkout): Promise<ReadonlyMap<string, string>> {
  const rules = readRules(root);
  const supergraph = await loadSupergraph(join(checkout, "supergraph.yaml"));
  const pages = rules.map(
    (rule) => [pathOf(rule), renderPage(rule, findPlaces(rule, supergraph), findExamples(rule))] as const,
  );
  return new Map([...pages, [guide, renderGuide(readFileSync(join(root, guide), "utf8"), rules)]]);
}

export function pathOf({ area, name }: Pick<RuleSource, "area" | "name">): string {
  return `docs/policies/${area}/${name}.md`;
}

function renderGuide(text: string, rules: readonly RuleSource[]): string {
  const [before, after] = [text.split(begin)[0], text.split(end)[1]];
  if (before === undefined || after === undefined || !text.includes(begin))
    throw new Error(`expected ${begin} and ${end} in ${guide}`);
  const rows = rules.map(
    ({ area, name, title, rule }) =>
      `| [\`${rule.name}\`](../policies/${area}/${name}.md) | ${rule.question} | ${rule.mode} | ${title} |`,
  );
  return `${before}${begin}\n| rule | question | mode | about |\n|---|---|---|---|\n${rows.join("\n")}\n${end}${after}`;
}
