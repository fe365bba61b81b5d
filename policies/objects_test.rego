package atlas.objects_test

import data.access.cases.callers
import data.atlas.filters
import data.atlas.objects
import data.cases.types

_tables := {
	"clearance": data.access.cases.clearance,
	"crossing": data.residency.cases.crossing,
	"places": data.retention.cases.places,
	"pseudonyms": data.encryption.cases.pseudonyms,
}

_asked(caller, rows) := {"caller": caller, "types": types, "objects": rows}

_row(case, id) := {"id": id, "type": case.type, "attributes": case.attributes}

test_each_case_of_the_tables_has_its_expected_outcome if {
	wrong := {sprintf("%s: %s (%s)", [table, case.name, case.caller]) |
		some table, cases in _tables
		some case in cases
		not _holds(case)
	}
	wrong == set()
}

_holds(case) if {
	[decision] := objects.decisions with input as _asked(callers[case.caller], [_row(case, 0)])
	object.union(case.expected, {"id": 0, "dry_run": []}) == decision
}

# The two steps in which hosts ask about large batches.
test_each_case_has_it_in_two_steps if {
	wrong := {sprintf("%s: %s (%s)", [table, case.name, case.caller]) |
		some table, cases in _tables
		some case in cases
		not _holds_in_steps(case)
	}
	wrong == set()
}

_holds_in_steps(case) if {
	rows := [object.union(_row(case, id), {"rule": rule}) | some id, rule in types[case.type].rules]
	verdicts := objects.verdicts with input as _asked(callers[case.caller], rows)
	told := [object.remove(verdict, ["id"]) | some verdict in verdicts]
	[decision] := objects.combinations with input as {"combinations": [{"id": 0, "verdicts": told}]}
	object.union(case.expected, {"id": 0, "dry_run": []}) == decision
}

test_the_tables_are_not_empty if {
	every _, cases in _tables {
		count(cases) > 10
	}
}

# A list that is filtered has the rows that are not dropped when they are loaded.
test_filters_say_the_same_as_objects if {
	wrong := {sprintf("%s: %s (%s)", [table, case.name, case.caller]) |
		some table, cases in _tables
		some case in cases
		case.expected.outcome != "drop" != _passes(case)
	}
	wrong == set()
}

default _passes(_) := false

_passes(case) if {
	[decision] := filters.decisions with input as object.union(
		_asked(callers[case.caller], []),
		{"requests": [{"id": 0, "type": case.type}]},
	)
	_admits(decision, case.attributes)
}

_admits(decision, _) if decision.outcome == "allow"

_admits(decision, attributes) if {
	decision.outcome == "filter"
	decision.condition.operator == "and"
	every part in decision.condition.value {
		_meets_part(part, attributes)
	}
}

_meets_part(part, attributes) if _meets_field(part, attributes)

_meets_part(part, attributes) if {
	part.operator == "or"
	some alternative in part.value
	_meets_alternative(alternative, attributes)
}

_meets_alternative(alternative, attributes) if _meets_field(alternative, attributes)

_meets_alternative(alternative, attributes) if {
	alternative.operator == "and"
	every field in alternative.value {
		_meets_field(field, attributes)
	}
}

_meets_field(condition, attributes) if {
	condition.type == "field"
	condition.operator == "in"
	attributes[condition.field] in condition.value
}

_meets_field(condition, attributes) if {
	condition.type == "field"
	condition.operator == "eq"
	attributes[condition.field] == condition.value
}

_signal := {
	"id": 0,
	"type": "Signal",
	"attributes": {"marking": "RED", "residency": "US", "age": 9000},
}

_modes(modes) := decision if {
	[decision] := objects.decisions with input as _asked(callers.analyst, [_signal])
		with data.modes as modes
}

test_a_rule_in_dry_run_decides_nothing_and_tells if {
	decision := _modes({"access.clearance": "dry-run", "encryption.pseudonyms": "dry-run"})
	decision.outcome == "mask"
	decision.rule == "retention.places"
	{told.rule | some told in decision.dry_run} == {"access.clearance", "encryption.pseudonyms"}
}

test_a_rule_in_dry_run_filters_nothing if {
	[decision] := filters.decisions with input as object.union(
		_asked(callers.analyst, []),
		{"types": {"Thing": {"rules": ["access.clearance"], "attributes": ["marking"], "classes": {}}}, "requests": [{"id": 0, "type": "Thing"}]},
	)
		with data.modes as {"access.clearance": "dry-run"}
	decision.outcome == "allow"
}

test_masks_add_up_and_the_strictest_outcome_holds if {
	decision := _modes({"access.clearance": "dry-run"})
	decision.outcome == "mask"
	decision.masks.latitude == {"as": "generalise", "digits": 0}
	decision.masks.sourceId == {"as": "hash"}
	_modes({}).outcome == "drop"
}

test_a_rule_that_is_not_known_shows_nothing if {
	unknown := {"Thing": {"rules": ["no.such"], "attributes": [], "classes": {}}}
	[decision] := objects.decisions with input as {
		"types": unknown,
		"objects": [{"id": 0, "type": "Thing", "attributes": {}}],
	}
	decision.outcome == "drop"
	[filter] := filters.decisions with input as {"types": unknown, "requests": [{"id": 0, "type": "Thing"}]}
	filter.outcome == "deny"
}

test_a_type_that_is_not_told_of_has_no_decision if {
	decisions := objects.decisions with input as {"types": {}, "objects": [{"id": 0, "type": "Thing", "attributes": {}}]}
	decisions == []
}

test_a_type_without_conditions_passes_every_row if {
	[decision] := filters.decisions with input as {
		"types": {"Place": {"rules": ["retention.places", "encryption.pseudonyms"], "attributes": [], "classes": {}}},
		"requests": [{"id": 0, "type": "Place"}],
	}
	decision.outcome == "allow"
}
