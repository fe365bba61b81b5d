# METADATA
# title: Markings
# description: |
#   A row with a marking of the Traffic Light Protocol (https://www.first.org/tlp/) is there for callers whose clearance
#   is at least as high, and for others it is not there at all.
# custom:
#   question: objects
#   mode: enforce
#   reason: CLEARANCE_TOO_LOW
#   reads: [caller.clearance]
#   objects:
#     Signal: {marking: marking}
#     RiskAssessment: {marking: marking}
package atlas.access.clearance

import data.access.clearances

about := rego.metadata.chain()[1].annotations.custom

# METADATA
# title: Whether a row may be read
# description: A marking that is not on the ladder is above everybody.
verdict(row) := {"outcome": "allow", "reason": "ALLOWED"} if {
	row.attributes.marking in _readable
} else := {"outcome": "drop", "reason": about.reason}

# METADATA
# title: The same as a condition on lists
condition(_) := {"type": "field", "operator": "in", "field": "marking", "value": _readable}

# As the graph writes markings: `AMBER_STRICT` for `amber+strict`.
_readable := [upper(replace(marking, "+", "_")) |
	some have, clearance in clearances
	clearance == input.caller.clearance
	some level, marking in clearances
	level <= have
]
