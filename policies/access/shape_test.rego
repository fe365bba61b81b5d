package atlas.access.shape_test

import data.atlas.access.shape

_request := {"coordinate": "Query.thing", "authenticated": false, "scopes": null, "policies": [["a"]]}

_holds(change) if shape.holds(object.union(_request, change)) with input.caller.kind as "identified"

test_a_request_of_the_expected_form if _holds({})

test_empty_lists_are_a_mistake if {
	not _holds({"policies": []})
	not _holds({"policies": [[]]})
	not _holds({"policies": [["a"], []]})
	not _holds({"scopes": []})
}

test_other_forms_are_a_mistake if {
	not _holds({"authenticated": "no"})
	not _holds({"coordinate": 1})
	not _holds({"scopes": "a"})
	not _holds({"scopes": ["a"]})
}

test_a_caller_of_unknown_kind if not shape.holds(_request) with input.caller.kind as "robot"
