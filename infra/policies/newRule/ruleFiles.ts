/** What a new rule begins with: it denies nobody, because it is in dry-run, and says so to the record of decisions. */

export type NewRule = {
  readonly area: string;
  readonly rule: string;
  readonly question: "fields" | "objects";
};

/** By path from the root. */
export function toRuleFiles(made: NewRule): ReadonlyMap<string, string> {
  const path = `policies/${made.area}/${made.rule}`;
  const [source, test] = made.question === "fields" ? [fieldsRule, fieldsTest] : [objectsRule, objectsTest];
  return new Map([
    [`${path}.rego`, source(made)],
    [`${path}_test.rego`, test(made)],
  ]);
}

function metadata({ area, rule, question }: NewRule, rest: string): string {
  const reason = `${rule.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}_NOT_ALLOWED`;
  return `# METADATA
# title: ${rule}
# description: |
#   What the rule asks, of whom, and why (which law, agreement or decision wants it).
# custom:
#   question: ${question}
#   mode: dry-run
#   reason: ${reason}
${rest}
package atlas.${area}.${rule}

about := rego.metadata.chain()[1].annotations.custom
`;
}

function fieldsRule(made: NewRule): string {
  return `${metadata(made, "#   reads: [caller.kind]")}
# METADATA
# title: Whether the rule is content
# description: Anonymous callers are not, until it is written; in mode dry-run that is only told.
holds(request) if {
	is_string(request.coordinate)
	input.caller.kind == "identified"
}
`;
}

function fieldsTest({ area, rule }: NewRule): string {
  return `package atlas.${area}.${rule}_test

import data.atlas.${area}.${rule}

test_holds_for_whom_it_says if _holds("identified")

test_denies_everybody_else if {
	not _holds("anonymous")
	not _holds(null)
}

_holds(kind) if ${rule}.holds({"coordinate": "Query.countries"}) with input as {"caller": {"kind": kind}}
`;
}

function objectsRule(made: NewRule): string {
  return `${metadata(made, "#   reads: [caller.jurisdiction]\n#   objects:\n#     Scenario: {residency: residency}")}
# METADATA
# title: What becomes of a row
# description: Rows of elsewhere are dropped, until it is written; in mode dry-run that is only told.
verdict(row) := {"outcome": "allow", "reason": "ALLOWED"} if {
	row.attributes.residency in _near
} else := {"outcome": "drop", "reason": about.reason}

# METADATA
# title: The same as a condition on lists
condition(_) := {"type": "field", "operator": "in", "field": "residency", "value": _near}

_near := ["GLOBAL", upper(input.caller.jurisdiction)]
`;
}

function objectsTest({ area, rule }: NewRule): string {
  return `package atlas.${area}.${rule}_test

import data.atlas.${area}.${rule}

test_a_row_that_it_lets_through if _verdict("US").outcome == "allow"

test_a_row_that_it_drops if {
	_verdict("EU") == {"outcome": "drop", "reason": ${rule}.about.reason}
	_verdict(null).outcome == "drop"
}

test_conditions_say_the_same if {
	condition := ${rule}.condition("Scenario") with input as _input
	condition.value == ["GLOBAL", "US"]
}

_verdict(residency) := verdict if {
	verdict := ${rule}.verdict({"type": "Scenario", "attributes": {"residency": residency}}) with input as _input
}

_input := {"caller": {"jurisdiction": "us"}}
`;
}
