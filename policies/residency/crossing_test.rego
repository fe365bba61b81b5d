package atlas.residency.crossing_test

import data.atlas.residency.crossing

_types := {
	"Scenario": {"attributes": ["residency"], "classes": {}},
	"User": {"attributes": ["residency"], "classes": {"displayName": ["PERSONAL"], "place": ["LOCATION"]}},
	"DataSubject": {"attributes": ["consent", "residency"], "classes": {"pseudonym": ["PERSONAL"]}},
}

_from(jurisdiction, purpose) := {"caller": {"jurisdiction": jurisdiction, "purpose": purpose}, "types": _types}

_verdict(type, attributes, asked) := verdict if {
	verdict := crossing.verdict({"type": type, "attributes": attributes}) with input as asked
}

test_a_row_that_stays if {
	_verdict("Scenario", {"residency": "GLOBAL"}, _from("us", null)).outcome == "allow"
	_verdict("Scenario", {"residency": "US"}, _from("us", null)).outcome == "allow"
}

test_a_row_from_elsewhere_without_a_purpose if {
	_verdict("Scenario", {"residency": "EU"}, _from("us", null)).reason == "PURPOSE_MISSING"
	_verdict("Scenario", {"residency": "EU"}, _from("us", "curiosity")).reason == "PURPOSE_MISSING"
}

test_a_row_from_elsewhere_for_a_purpose_that_the_table_has if {
	_verdict("Scenario", {"residency": "EU"}, _from("us", "research")).outcome == "allow"
	_verdict("Scenario", {"residency": "EU"}, _from("us", "operations")).reason == "TRANSFER_NOT_ALLOWED"
}

test_a_residency_that_is_not_known if {
	_verdict("Scenario", {"residency": "MARS"}, _from("us", "research")).outcome == "drop"
	_verdict("Scenario", {"residency": null}, _from("us", "research")).outcome == "drop"
	_verdict("Scenario", {}, _from("us", "research")).outcome == "drop"
}

# U+105B0 has a capital in native OPA and none in the WASM: what a caller brings is looked up as it is.
test_a_caller_from_nowhere_reads_what_belongs_to_nobody if {
	every nowhere in ["mars", "𐖰", "US", "", null] {
		_verdict("Scenario", {"residency": "GLOBAL"}, _from(nowhere, "research")).outcome == "allow"
		_verdict("Scenario", {"residency": "US"}, _from(nowhere, "research")).outcome == "drop"
	}
}

test_a_row_about_a_person_takes_consent if {
	_verdict("DataSubject", {"residency": "EU", "consent": true}, _from("us", "research")).outcome == "allow"
	_verdict("DataSubject", {"residency": "EU", "consent": false}, _from("us", "research")).reason == "CONSENT_MISSING"
	_verdict("DataSubject", {"residency": "EU", "consent": null}, _from("us", "research")).reason == "CONSENT_MISSING"
	_verdict("DataSubject", {"residency": "EU"}, _from("us", "research")).reason == "CONSENT_MISSING"
	_verdict("DataSubject", {"residency": "EU", "consent": "yes"}, _from("us", "research")).reason == "CONSENT_MISSING"
}

test_other_rows_show_persons_in_part if {
	verdict := _verdict("User", {"residency": "EU"}, _from("us", "research"))
	verdict.outcome == "mask"
	verdict.masks == {"displayName": {"as": "partial"}}
}

test_conditions_say_the_same if {
	near := {"type": "field", "operator": "in", "field": "residency", "value": ["GLOBAL", "US"]}
	without := crossing.condition("Scenario") with input as _from("us", null)
	without.value == [near]
	with_purpose := crossing.condition("Scenario") with input as _from("us", "operations")
	with_purpose.value == [near, {"type": "field", "operator": "in", "field": "residency", "value": ["AP"]}]
	of_persons := crossing.condition("DataSubject") with input as _from("us", "operations")
	of_persons.value[1].value[1] == {"type": "field", "operator": "eq", "field": "consent", "value": true}
}

test_transfers_name_jurisdictions_and_purposes_that_exist if {
	every _, jurisdiction in data.residency.jurisdictions {
		every to, purposes in jurisdiction.transfers {
			data.residency.jurisdictions[to]
			every purpose in purposes {
				data.residency.purposes[purpose]
			}
		}
	}
}
