# METADATA
# title: Old places
# description: |
#   A precise place says where somebody was. Of rows that belong to a jurisdiction, places older than it keeps them
#   precise are shown to a degree (data minimisation, GDPR Art. 5(1)(c) and (e)). Rows without a residency describe the
#   world, not people, and keep theirs.
# custom:
#   question: objects
#   mode: enforce
#   reason: PLACE_TOO_OLD
#   reads: [time.day]
#   objects:
#     Signal: {residency: residency, observedOn: observedAt}
package atlas.retention.places

import data.retention.places

about := rego.metadata.chain()[1].annotations.custom

# METADATA
# title: Which places are shown to a degree
verdict(row) := {"outcome": "allow", "reason": "ALLOWED"} if {
	row.attributes.residency == "GLOBAL"
} else := {"outcome": "allow", "reason": "ALLOWED"} if {
	_age(row.attributes.observedOn) <= places[row.attributes.residency].preciseDays
} else := {"outcome": "allow", "reason": "ALLOWED"} if {
	count(_masks(row.type)) == 0
} else := {"outcome": "mask", "reason": about.reason, "masks": _masks(row.type)}

# METADATA
# title: Lists keep what is only shown less precisely
condition(_) := "all"

_masks(type) := {field: {"as": "generalise", "digits": 0} |
	some field, classes in input.types[type].classes
	"LOCATION" in classes
}

_age(moment) := input.time.day - _day(moment)

# Days since 1970 of an ISO date (proleptic Gregorian calendar; http://howardhinnant.github.io/date_algorithms.html):
# the functions on time are not there in WASM.
_day(moment) := ((era * 146097) + day_of_era) - 719468 if {
	[year, month, day] := [to_number(trim_left(part, "0")) | some part in split(substring(moment, 0, 10), "-")]
	shifted := year - _one_before_march(month)
	era := floor(shifted / 400)
	year_of_era := shifted - (era * 400)
	day_of_year := (floor(((153 * ((month + 9) % 12)) + 2) / 5) + day) - 1
	day_of_era := (((year_of_era * 365) + floor(year_of_era / 4)) - floor(year_of_era / 100)) + day_of_year
}

_one_before_march(month) := 1 if month <= 2

_one_before_march(month) := 0 if month > 2
