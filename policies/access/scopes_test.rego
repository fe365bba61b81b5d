package atlas.access.scopes_test

import data.atlas.access.scopes

_holds(alternatives, given) if scopes.holds({"scopes": alternatives}) with input.caller.scopes as given

test_nothing_is_demanded if _holds(null, [])

test_one_alternative_as_a_whole if {
	_holds([["a", "b"], ["c"]], ["c"])
	_holds([["a", "b"], ["c"]], ["b", "a"])
	not _holds([["a", "b"], ["c"]], ["a"])
}

test_no_alternative if not _holds([], ["a"])

test_an_empty_alternative if not _holds([[]], ["a"])
