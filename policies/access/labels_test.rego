package atlas.access.labels_test

import data.access.cases
import data.atlas.access.labels

# What a label demands must be known here, or it must not be satisfied by anybody.
test_a_label_without_conditions_satisfies_nobody if not _satisfied({})

test_a_label_with_an_unknown_condition_satisfies_nobody if {
	not _satisfied({"roles": ["administrator"], "weekday": "monday"})
}

test_a_label_with_an_unknown_clearance_satisfies_nobody if not _satisfied({"clearance": "cosmic"})

test_a_label_with_an_unknown_role_satisfies_nobody if {
	not labels.holds({"policies": [["made-up"]]}) with input.caller as object.union(
		cases.callers.administrator,
		{"roles": ["root"]},
	)
		with data.access.labels as {"made-up": {"roles": ["root"]}}
}

test_a_label_may_demand_a_purpose if {
	_satisfied({"purposes": ["operations"]})
	not _satisfied({"purposes": ["research"]})
}

test_all_conditions_of_a_label_must_hold if {
	_satisfied({"roles": ["administrator"], "clearance": "red"})
	not _satisfied({"roles": ["analyst"], "clearance": "red"})
}

test_an_empty_alternative_satisfies_nobody if {
	not labels.holds({"policies": [[]]}) with input.caller as cases.callers.administrator
}

_satisfied(conditions) if {
	labels.holds({"policies": [["made-up"]]}) with input.caller as cases.callers.administrator
		with data.access.labels as {"made-up": conditions}
}

# Data and rules must know the same words.
test_labels_name_roles_and_clearances_that_exist if {
	every _, conditions in data.access.labels {
		every role in object.get(conditions, "roles", []) {
			data.access.roles[role]
		}
		object.get(conditions, "clearance", "clear") in data.access.clearances
	}
}
