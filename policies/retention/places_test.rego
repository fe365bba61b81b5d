package atlas.retention.places_test

import data.atlas.retention.places

_types := {
	"Signal": {"attributes": [], "classes": {"latitude": ["LOCATION"], "title": ["PERSONAL"]}},
	"Plain": {"attributes": [], "classes": {}},
}

# 2026-03-03
_today := 20515

_verdict(type, attributes) := verdict if {
	verdict := places.verdict({"type": type, "attributes": attributes}) with input as {
		"time": {"day": _today},
		"types": _types,
	}
}

test_a_place_of_the_world_stays_precise if {
	_verdict("Signal", {"residency": "GLOBAL", "observedOn": "1970-01-01T00:00:00Z"}).outcome == "allow"
}

test_a_young_place_stays_precise if {
	_verdict("Signal", {"residency": "EU", "observedOn": "2025-09-04T00:00:00Z"}).outcome == "allow"
}

test_an_old_place_is_shown_to_a_degree if {
	verdict := _verdict("Signal", {"residency": "EU", "observedOn": "2025-09-03T00:00:00Z"})
	verdict.masks == {"latitude": {"as": "generalise", "digits": 0}}
}

test_an_age_that_is_not_known_is_old if {
	_verdict("Signal", {"residency": "EU"}).outcome == "mask"
	_verdict("Signal", {"residency": "MARS", "observedOn": "2026-03-03T00:00:00Z"}).outcome == "mask"
}

test_a_type_without_places if _verdict("Plain", {"residency": "EU"}).outcome == "allow"

# Days before and after leap days and turns of centuries, from another implementation.
test_days_of_dates if {
	every date, day in {
		"1970-01-01": 0,
		"1999-12-31": 10956,
		"2000-02-29": 11016,
		"2000-03-01": 11017,
		"2026-03-03": 20515,
		"2100-02-28": 47540,
		"2100-03-01": 47541,
	} {
		places._day(sprintf("%sT12:00:00Z", [date])) == day
		time.parse_rfc3339_ns(sprintf("%sT00:00:00Z", [date])) / 86400000000000 == day
	}
}

test_lists_keep_old_places if places.condition("Signal") == "all"
