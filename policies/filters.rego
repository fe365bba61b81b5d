# METADATA
# title: Which rows of a list a caller may see
# description: |
#   The second question. Asked once for callers of equal facts, for each guarded type. The answer is a condition in UCAST
#   (https://github.com/stalniy/ucast) over the attributes of the type, for subgraphs to put into their queries: a row is
#   in the filtered list if and only if no rule drops it when it is loaded.
package atlas.filters

import data.atlas.access.clearance
import data.atlas.encryption.pseudonyms
import data.atlas.residency.crossing
import data.atlas.retention.places
import data.atlas.rules

# METADATA
# title: One decision for each type
# description: |
#   `allow` lets every row pass, `deny` none, `filter` those that meet the condition. A condition is never empty, so that
#   nothing can take one for the other.
# entrypoint: true
decisions := [decision |
	some request in input.requests
	decision := _decision(request)
]

_decision(request) := _answer(request.id, conditions) if {
	conditions := [condition |
		some rule in input.types[request.type].rules
		not _is_dry_run(rule)
		condition := _condition(rule, request.type)
	]
}

# A rule without an answer, or unknown here, leaves nothing to see.
_condition(rule, type) := {"rule": rule, "is": answer} if {
	answer := _asked(rule, type)
} else := {"rule": rule, "is": "none"}

_asked("access.clearance", type) := clearance.condition(type)

_asked("encryption.pseudonyms", type) := pseudonyms.condition(type)

_asked("residency.crossing", type) := crossing.condition(type)

_asked("retention.places", type) := places.condition(type)

_is_dry_run(rule) if rules.mode(rule) == "dry-run"

_answer(id, conditions) := {
	"id": id,
	"outcome": "deny",
	"reason": "UNDECIDED",
	"rule": _none(conditions)[0].rule,
	"condition": null,
} if {
	count(_none(conditions)) > 0
} else := {
	"id": id,
	"outcome": "allow",
	"reason": "ALLOWED",
	"rule": "",
	"condition": null,
} if {
	count(_some(conditions)) == 0
} else := {
	"id": id,
	"outcome": "filter",
	"reason": "FILTERED",
	"rule": _some(conditions)[0].rule,
	"condition": {"type": "compound", "operator": "and", "value": [condition.is | some condition in _some(conditions)]},
}

_some(conditions) := [condition | some condition in conditions; condition.is != "all"]

_none(conditions) := [condition | some condition in conditions; condition.is == "none"]
