package atlas.audit.recording_test

import data.atlas.audit.recording

_share(decision) := record.share if {
	[record] := recording.records with input as {"decisions": [object.union({"id": 0}, decision)]}
}

test_a_share_of_allows if _share({"outcome": "allowed", "crossesJurisdiction": false}) == data.audit.share_of_allows

test_every_denial if {
	_share({"outcome": "denied", "crossesJurisdiction": false}) == 1
	_share({"outcome": "partly-denied", "crossesJurisdiction": false}) == 1
}

test_every_read_across_jurisdictions if _share({"outcome": "allowed", "crossesJurisdiction": true}) == 1

test_what_is_not_known if _share({}) == 1

test_what_identifies_a_caller_is_masked if {
	[record] := recording.records with input as {"decisions": [{"id": 0}]}
	record.masks["caller.subject"] == "hash"
}
