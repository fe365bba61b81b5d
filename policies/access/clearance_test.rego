package atlas.access.clearance_test

import data.atlas.access.clearance

_outcome(marking, cleared) := verdict.outcome if {
	verdict := clearance.verdict({"attributes": {"marking": marking}}) with input.caller.clearance as cleared
}

test_a_row_at_or_below_the_clearance if {
	_outcome("AMBER_STRICT", "amber+strict") == "allow"
	_outcome("CLEAR", "red") == "allow"
}

test_a_row_above_the_clearance if _outcome("RED", "amber+strict") == "drop"

test_a_marking_that_is_not_on_the_ladder if _outcome("PURPLE", "red") == "drop"

test_a_row_without_a_marking if {
	_outcome(null, "red") == "drop"
	verdict := clearance.verdict({"attributes": {}}) with input.caller.clearance as "red"
	verdict.outcome == "drop"
}

test_a_clearance_that_is_not_on_the_ladder if _outcome("CLEAR", "cosmic") == "drop"

test_the_condition_lists_what_may_be_read if {
	condition := clearance.condition("Signal") with input.caller.clearance as "green"
	condition == {"type": "field", "operator": "in", "field": "marking", "value": ["CLEAR", "GREEN"]}
}
