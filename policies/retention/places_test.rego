package atlas.retention.places_test

import data.atlas.retention.places

_types := {
	"Signal": {"attributes": [], "classes": {"latitude": ["LOCATION"], "title": ["PERSONAL"]}},
	"Plain": {"attributes": [], "classes": {}},
}

_verdict(type, attributes) := verdict if {
	verdict := places.verdict({"type": type, "attributes": attributes}) with input as {"types": _types}
}

test_a_place_of_the_world_stays_precise if {
	_verdict("Signal", {"residency": "GLOBAL", "age": 20515}).outcome == "allow"
}

test_a_young_place_stays_precise if {
	_verdict("Signal", {"residency": "EU", "age": 180}).outcome == "allow"
}

test_an_old_place_is_shown_to_a_degree if {
	verdict := _verdict("Signal", {"residency": "EU", "age": 181})
	verdict.masks == {"latitude": {"as": "generalise", "digits": 0}}
}

test_an_age_that_is_not_known_is_old if {
	_verdict("Signal", {"residency": "EU"}).outcome == "mask"
	_verdict("Signal", {"residency": "EU", "age": null}).outcome == "mask"
	_verdict("Signal", {"residency": "MARS", "age": 0}).outcome == "mask"
}

test_a_type_without_places if _verdict("Plain", {"residency": "EU"}).outcome == "allow"

# Hosts send an age up to the next limit, so two ages that no limit tells apart must not differ here.
test_the_limits_of_ages_are_those_of_the_jurisdictions if places.about.ages == {"age": [180, 365, 730]}

test_lists_keep_old_places if places.condition("Signal") == "all"
