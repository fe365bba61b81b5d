# METADATA
# title: Old places
# description: |
#   A precise place says where somebody was. Of rows that belong to a jurisdiction, places older than it keeps them
#   precise are shown to a degree (data minimisation, GDPR Art. 5(1)(c) and (e)). Rows without a residency describe the
#   world, not people, and keep theirs.
# custom:
#   question: objects
#   mode: enforce
#   reason: PLACE_TOO_OLD
#   reads: []
#   objects:
#     Signal: {residency: residency, age: observedAt}
package atlas.retention.places

import data.retention.places

# A moment reaches the rule as its age in days, and nothing is asked of an age but whether it is above one of these.
about := object.union(rego.metadata.chain()[1].annotations.custom, {"ages": {"age": _limits}})

_limits := sort({kept.preciseDays | some kept in places})

# METADATA
# title: Which places are shown to a degree
verdict(row) := {"outcome": "allow", "reason": "ALLOWED"} if {
	row.attributes.residency == "GLOBAL"
} else := {"outcome": "allow", "reason": "ALLOWED"} if {
	# Numbers only: null is below every number.
	is_number(row.attributes.age)
	row.attributes.age <= places[row.attributes.residency].preciseDays
} else := {"outcome": "allow", "reason": "ALLOWED"} if {
	count(_masks(row.type)) == 0
} else := {"outcome": "mask", "reason": about.reason, "masks": _masks(row.type)}

# METADATA
# title: Lists keep what is only shown less precisely
condition(_) := "all"

_masks(type) := {field: {"as": "generalise", "digits": 0} |
	some field, classes in input.types[type].classes
	"LOCATION" in classes
}
