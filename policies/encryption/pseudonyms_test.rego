package atlas.encryption.pseudonyms_test

import data.atlas.encryption.pseudonyms

_types := {
	"Signal": {"classes": {"sourceId": ["SOURCE_IDENTITY"], "latitude": ["LOCATION"]}},
	"DataSubject": {"classes": {"pseudonym": ["PERSONAL"]}},
}

_masks(type, attributes, caller) := object.get(verdict, "masks", {}) if {
	verdict := pseudonyms.verdict({"type": type, "attributes": attributes}) with input as {
		"caller": caller,
		"types": _types,
	}
}

test_a_source_that_is_open if {
	_masks("Signal", {"marking": "GREEN"}, {"clearance": "green", "roles": []}) == {}
}

test_a_source_that_is_not_for_everybody if {
	_masks("Signal", {"marking": "AMBER"}, {"clearance": "amber", "roles": []}) == {"sourceId": {"as": "hash"}}
	_masks("Signal", {}, {"clearance": "amber", "roles": []}) == {"sourceId": {"as": "hash"}}
}

test_a_source_for_those_who_may_know if {
	_masks("Signal", {"marking": "AMBER"}, {"clearance": "red", "roles": []}) == {}
}

test_a_persons_name if {
	_masks("DataSubject", {}, {"clearance": "red", "roles": ["administrator"]}) == {"pseudonym": {"as": "hash"}}
	_masks("DataSubject", {}, {"clearance": "clear", "roles": ["compliance_officer"]}) == {}
}

test_lists_keep_what_is_hashed if pseudonyms.condition("Signal") == "all"
