# METADATA
# title: What becomes of loaded rows
# description: |
#   The third question. Asked after loading, once for a batch, with the attributes that the rules declare. The strictest
#   outcome of all rules holds: `drop` (as if it were not there), `null`, `mask`, `allow`. Masks of several rules add up.
#   `decisions` is the question as a whole, and what the record of decisions keeps. Rows of a large batch differ, but most of
#   them in nothing that any one rule reads: so the host asks in two steps, `verdicts` for each rule and what it reads, and
#   `combinations` for what came of that.
package atlas.objects

import data.atlas.access.clearance
import data.atlas.encryption.pseudonyms
import data.atlas.residency.crossing
import data.atlas.retention.places
import data.atlas.rules

# METADATA
# title: One decision for each object
# description: |
#   `input.types` tells of each type which rules guard it, which attributes it comes with and which classes of data its
#   fields hold. A type that is not there leaves its objects without a decision, which the host takes for a denial.
# entrypoint: true
decisions := [decision |
	some row in input.objects
	verdicts := [verdict |
		some rule in input.types[row.type].rules
		verdict := _verdict(rule, row)
	]
	count(verdicts) == count(input.types[row.type].rules)
	decision := _decision(row.id, verdicts)
]

# METADATA
# title: What one rule says of rows
# description: Of each row only the attributes that the rule declares, ages up to the next of its steps.
# entrypoint: true
verdicts := [object.union(verdict, {"id": row.id}) |
	some row in input.objects
	verdict := _verdict(row.rule, row)
]

# METADATA
# title: What all rules together say
# description: One decision for each combination of verdicts.
# entrypoint: true
combinations := [decision |
	some combination in input.combinations
	decision := _decision(combination.id, combination.verdicts)
]

# A rule without an answer, or unknown here, leaves nothing to see.
_verdict(rule, row) := _with(answer, rule) if {
	answer := _asked(rule, row)
} else := {"rule": rule, "outcome": "drop", "reason": "UNDECIDED", "masks": {}}

_with(answer, rule) := {
	"rule": rule,
	"outcome": answer.outcome,
	"reason": answer.reason,
	"masks": object.get(answer, "masks", {}),
}

_asked("access.clearance", row) := clearance.verdict(row)

_asked("encryption.pseudonyms", row) := pseudonyms.verdict(row)

_asked("residency.crossing", row) := crossing.verdict(row)

_asked("retention.places", row) := places.verdict(row)

_decision(id, verdicts) := object.union(_first(_enforced(verdicts)), {
	"id": id,
	"masks": _masks(_enforced(verdicts)),
	"dry_run": [{"rule": verdict.rule, "reason": verdict.reason} |
		some verdict in verdicts
		verdict.outcome != "allow"
		rules.mode(verdict.rule) == "dry-run"
	],
})

_enforced(verdicts) := [verdict | some verdict in verdicts; not _is_dry_run(verdict.rule)]

_is_dry_run(rule) if rules.mode(rule) == "dry-run"

_first(verdicts) := [object.remove(verdict, ["masks"]) |
	some outcome in ["drop", "null", "mask"]
	some verdict in verdicts
	verdict.outcome == outcome
][0]

_first(verdicts) := {"outcome": "allow", "reason": "ALLOWED", "rule": ""} if {
	every verdict in verdicts {
		verdict.outcome == "allow"
	}
}

_masks(verdicts) := {field: _strongest(field, verdicts) |
	some verdict in verdicts
	some field, _ in verdict.masks
}

_strongest(field, verdicts) := [mask |
	some kind in ["redact", "hash", "partial", "generalise"]
	some verdict in verdicts
	mask := verdict.masks[field]
	mask.as == kind
][0]
