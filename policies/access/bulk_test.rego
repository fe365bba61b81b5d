package atlas.access.bulk_test

import data.atlas.access.bulk

_holds(request, purpose) if bulk.holds(request) with input as {"caller": {"purpose": purpose}}

test_a_list_that_is_not_limited if _holds({"coordinate": "Query.countries"}, null)

test_a_short_list if _holds({"coordinate": "Query.dataSubjects", "arguments": {"first": 50}}, "research")

test_a_long_list if not _holds({"coordinate": "Query.dataSubjects", "arguments": {"first": 51}}, "research")

test_a_long_list_for_a_purpose_that_takes_it if {
	_holds({"coordinate": "Query.dataSubjects", "arguments": {"first": 100}}, "compliance")
}

test_a_length_that_is_not_known if {
	not _holds({"coordinate": "Query.dataSubjects", "arguments": {}}, "research")
	not _holds({"coordinate": "Query.dataSubjects"}, "research")
	not _holds({"coordinate": "Query.dataSubjects", "arguments": {"first": "many"}}, "research")
}
