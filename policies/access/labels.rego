# METADATA
# title: Labels
# description: |
#   `@policy`: one of the alternatives, as a whole. What a label takes is in `data.access.labels`; all that it states
#   must hold.
# custom:
#   question: fields
#   mode: enforce
#   reason: POLICY_NOT_SATISFIED
#   reads: [caller.roles, caller.clearance, caller.purpose]
package atlas.access.labels

import data.access.clearances

about := rego.metadata.chain()[1].annotations.custom

# METADATA
# title: Nothing is demanded, or the caller satisfies every label of one alternative
holds(request) if request.policies == null

holds(request) if {
	some conjunction in request.policies
	count(conjunction) > 0
	every label in conjunction {
		_satisfied(label)
	}
}

# A label without an entry, without any condition or with one that is unknown here satisfies no one.
_satisfied(label) if {
	conditions := data.access.labels[label]
	count(conditions) > 0
	every condition, wanted in conditions {
		_meets(condition, wanted)
	}
}

_meets("roles", wanted) if {
	some role in input.caller.roles
	role in wanted
	data.access.roles[role]
}

_meets("clearance", wanted) if {
	some have, need
	clearances[have] == input.caller.clearance
	clearances[need] == wanted
	have >= need
}

_meets("purposes", wanted) if input.caller.purpose in wanted
