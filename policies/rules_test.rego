package atlas.rules_test

import data.atlas.rules

test_every_rule_tells_what_a_host_must_know if {
	every _, about in rules.catalogue.rules {
		about.question in {"fields", "objects", "audit"}
		about.mode in {"enforce", "reject", "dry-run"}
		is_array(about.reads)
		regex.match(`^[A-Z_]+$`, about.reason)
	}
	count(rules.catalogue.rules) > 10
}

test_labels_are_those_of_the_data if {
	{label | some label in rules.catalogue.labels} == object.keys(data.access.labels)
}

test_data_overrides_a_mode_for_a_while if {
	rules.mode("access.labels") == "enforce"
	mode := rules.mode("access.labels") with data.modes as {"access.labels": "dry-run"}
	mode == "dry-run"
}
