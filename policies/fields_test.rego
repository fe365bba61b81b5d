package atlas.fields_test

import data.access.cases
import data.atlas.fields

_tables := {"anonymous", "directives", "labels", "malformed", "bulk"}

_asked(caller, profile, requests) := {
	"caller": caller,
	"environment": {"profile": profile},
	"requests": requests,
}

_decisions(asked) := decisions if {
	decisions := fields.decisions with input as asked
}

# The tables under access/cases/ run here natively and in cases.test.ts through the WASM that the gateway runs.
test_each_case_of_the_tables_has_its_expected_outcome if {
	wrong := {sprintf("%s: %s (%s)", [table, case.name, case.caller]) |
		some table in _tables
		some case in cases[table]
		not _holds(case)
	}
	wrong == set()
}

_holds(case) if {
	request := object.union(case.request, {"id": 0})
	some decision in _decisions(_asked(cases.callers[case.caller], case.profile, [request]))
	decision.reason == case.expected
	decision.outcome == {true: "allow", false: "deny"}[case.expected == "ALLOWED"]
}

test_the_tables_are_not_empty if {
	every table in _tables {
		count(cases[table]) > 5
	}
}

test_one_decision_for_each_request_in_any_company if {
	requests := [object.union(case.request, {"id": id}) | some id, case in cases.labels]
	decisions := _decisions(_asked(cases.callers.analyst, "production", requests))
	count(decisions) == count(requests)
	[decision.id | some decision in decisions] == numbers.range(0, count(requests) - 1)
}

test_only_allowed_allows_and_every_denial_names_its_rule if {
	requests := [object.union(case.request, {"id": id}) | some id, case in cases.labels]
	decisions := _decisions(_asked(cases.callers.analyst, "production", requests))
	{decision.reason | some decision in decisions; decision.outcome == "allow"} == {"ALLOWED"}
	{decision.rule | some decision in decisions; decision.outcome == "allow"} == {""}
	{decision.rule | some decision in decisions; decision.outcome == "deny"} == {"access.labels"}
}

test_no_caller_no_access if {
	some decision in _decisions({"requests": [_open]})
	decision.reason == "MALFORMED_REQUEST"
}

_open := {"id": 0, "coordinate": "Country.name", "authenticated": false, "scopes": null, "policies": null}

_secret := {"id": 0, "coordinate": "Query.thing", "authenticated": false, "scopes": [["never"]], "policies": null}

_with_mode(mode) := decisions if {
	decisions := _decisions(_asked(cases.callers.analyst, "production", [_secret]))
		with data.modes as {"access.scopes": mode}
}

test_a_rule_in_dry_run_allows_and_tells if {
	[decision] := _with_mode("dry-run")
	decision.outcome == "allow"
	decision.dry_run == [{"rule": "access.scopes", "reason": "SCOPE_MISSING"}]
}

test_a_rule_that_rejects_refuses_the_operation if {
	[decision] := _with_mode("reject")
	decision.outcome == "deny"
	decision.reject
}

test_a_rule_of_unknown_mode_is_enforced if {
	[decision] := _with_mode("maybe")
	decision.outcome == "deny"
	not decision.reject
}

test_an_enforced_denial_is_none_that_rejects if {
	[decision] := _with_mode("enforce")
	decision.reject == false
}
