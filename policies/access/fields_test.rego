package atlas.access.fields_test

import data.access.cases
import data.atlas.access.fields

_tables := {"anonymous", "directives", "labels", "malformed"}

_input(caller, profile, requests) := {
	"caller": caller,
	"operation": {"kind": "query", "name": null},
	"environment": {"profile": profile},
	"requests": requests,
}

_reasons(asked) := [decision.reason | some decision in fields.decisions with input as asked]

# The tables under cases/ run here natively and in cases.test.ts through the WASM that the gateway runs.
test_each_case_of_the_tables_has_its_expected_outcome if {
	wrong := {sprintf("%s: %s (%s)", [table, case.name, case.caller]) |
		some table in _tables
		some case in cases[table]
		not _holds(case)
	}
	count(wrong) == 0
}

_holds(case) if {
	request := object.union(case.request, {"id": 0})
	_reasons(_input(cases.callers[case.caller], case.profile, [request])) == [case.expected]
}

test_the_tables_are_not_empty if {
	every table in _tables {
		count(cases[table]) > 10
	}
}

test_one_decision_for_each_request_in_any_company if {
	requests := [object.union(case.request, {"id": id}) | some id, case in cases.labels]
	decisions := fields.decisions with input as _input(cases.callers.analyst, "production", requests)
	count(decisions) == count(requests)
	[decision.id | some decision in decisions] == numbers.range(0, count(requests) - 1)
}

test_only_allowed_allows if {
	requests := [object.union(case.request, {"id": id}) | some id, case in cases.labels]
	decisions := fields.decisions with input as _input(cases.callers.analyst, "production", requests)
	{decision.reason | some decision in decisions; decision.allow} == {"ALLOWED"}
	{decision.reason | some decision in decisions; not decision.allow} == {"POLICY_NOT_SATISFIED"}
}

test_no_caller_no_access if {
	request := {"id": 0, "coordinate": "Country.name", "authenticated": false, "scopes": null, "policies": null}
	_reasons({"requests": [request]}) == ["MALFORMED_REQUEST"]
}

# What a label demands must be known here, or it must not be satisfied by anybody.
test_a_label_without_conditions_satisfies_nobody if {
	_labelled_outcome({}) == ["POLICY_NOT_SATISFIED"]
}

test_a_label_with_an_unknown_condition_satisfies_nobody if {
	_labelled_outcome({"roles": ["administrator"], "weekday": "monday"}) == ["POLICY_NOT_SATISFIED"]
}

test_a_label_with_an_unknown_clearance_satisfies_nobody if {
	_labelled_outcome({"clearance": "cosmic"}) == ["POLICY_NOT_SATISFIED"]
}

test_a_label_may_demand_a_purpose if {
	_labelled_outcome({"purposes": ["operations"]}) == ["ALLOWED"]
	_labelled_outcome({"purposes": ["research"]}) == ["POLICY_NOT_SATISFIED"]
}

test_all_conditions_of_a_label_must_hold if {
	_labelled_outcome({"roles": ["administrator"], "clearance": "red"}) == ["ALLOWED"]
	_labelled_outcome({"roles": ["analyst"], "clearance": "red"}) == ["POLICY_NOT_SATISFIED"]
}

_labelled_outcome(conditions) := reasons if {
	request := {
		"id": 0,
		"coordinate": "Query.thing",
		"authenticated": false,
		"scopes": null,
		"policies": [["made-up"]],
	}
	asked := _input(cases.callers.administrator, "production", [request])
	reasons := _reasons(asked) with data.access.labels as {"made-up": conditions}
}
