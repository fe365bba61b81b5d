package atlas.access.anonymous_test

import data.atlas.access.anonymous

_holds(coordinate, profile) if {
	anonymous.holds({"coordinate": coordinate}) with input as {
		"caller": {"kind": "anonymous"},
		"environment": {"profile": profile},
	}
}

test_what_is_granted_by_name if _holds("Country.name", "production")

test_what_is_not_granted if not _holds("Country.risk", "production")

test_a_type_alone if _holds("Country", "production")

test_what_is_granted_in_one_profile_only if {
	_holds("Query.__schema", "local")
	not _holds("Query.__schema", "production")
	not _holds("Query.__schema", "elsewhere")
}

test_whoever_signed_in if anonymous.holds({"coordinate": "Country.risk"}) with input.caller.kind as "identified"

test_a_caller_of_unknown_kind if not anonymous.holds({"coordinate": "Country.name"}) with input.caller.kind as "robot"
