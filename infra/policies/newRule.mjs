/**
 * `npm run policy:new -- <area>/<rule>`: a rule that denies until it is written, its test, and its page. Says where the
 * rule must be named to be asked; nothing is registered by itself.
 */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fail, root } from "./opa.mjs";

const areas = ["access", "residency", "retention", "encryption", "audit"];
const [name = ""] = process.argv.slice(2);
const [area = "", rule = "", ...rest] = name.split("/");
if (!areas.includes(area) || !/^[a-z][a-zA-Z]*$/.test(rule) || rest.length > 0)
  fail(
    `Expected npm run policy:new -- <area>/<rule>, with an area of ${areas.join(", ")} and a rule such as exports; got "${name}".`,
  );

const reason = `${rule.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}_NOT_ALLOWED`;
const files = {
  [`policies/${area}/${rule}.rego`]: `# METADATA
# title: ${rule}
# description: |
#   What the rule asks, for whom, and why (which law or agreement).
# custom:
#   question: fields
#   mode: dry-run
#   reason: ${reason}
#   reads: [caller.kind]
package atlas.${area}.${rule}

about := rego.metadata.chain()[1].annotations.custom

# METADATA
# title: Whether the rule is content
# description: Denies everybody until it is written; in mode dry-run that is only told.
holds(request) if {
	is_string(request.coordinate)
	input.caller.kind == "nobody"
}
`,
  [`policies/${area}/${rule}_test.rego`]: `package atlas.${area}.${rule}_test

import data.atlas.${area}.${rule}

_holds(kind) if ${rule}.holds({"coordinate": "Query.countries"}) with input as {"caller": {"kind": kind}}

test_holds_for_whom_it_says if _holds("nobody")

test_denies_everybody_else if {
	not _holds("identified")
	not _holds("anonymous")
}
`,
  [`docs/policies/${area}/${rule}.md`]: `# ${area}.${rule}

**Asks** what the rule asks of a caller, a field or a row.

**Because** which law, agreement or decision wants it.

**Denied callers read** \`${reason}\`. What they can do about it.

Rule: [${rule}.rego](../../../policies/${area}/${rule}.rego).
`,
};

for (const path of Object.keys(files)) if (existsSync(join(root, path))) fail(`${path} is there already.`);
for (const [path, text] of Object.entries(files)) {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
  console.log(`made ${path}`);
}
console.log(`
Name it where it is asked:
  policies/rules.rego    import data.atlas.${area}.${rule}, and "${area}.${rule}": ${rule}.about in _rules
  policies/fields.rego   import data.atlas.${area}.${rule}, "${area}.${rule}" in _rules, and
                         _holds("${area}.${rule}", request) if ${rule}.holds(request)
Then npm run policy:test, npm run policy:build, and npm run policy:diff -- policies/bundle/atlas.tar.gz to see whom it would deny.`);
