# METADATA
# title: What leaves only under another name
# description: |
#   Pseudonymisation (GDPR Art. 32(1)(a)): what tells who reported something leaves as a keyed hash, equal for equal
#   values and good for nothing else, unless the caller may read what is for named recipients or the row is open anyway.
#   A person's name goes to callers who answer for people's data; to others as a hash.
# custom:
#   question: objects
#   mode: enforce
#   reason: PSEUDONYM_ONLY
#   reads: [caller.roles, caller.clearance]
#   objects:
#     Signal: {marking: marking}
#     DataSubject: {}
package atlas.encryption.pseudonyms

about := rego.metadata.chain()[1].annotations.custom

# METADATA
# title: Which fields leave as a hash
verdict(row) := {"outcome": "allow", "reason": "ALLOWED"} if {
	count(_masks(row)) == 0
} else := {"outcome": "mask", "reason": about.reason, "masks": _masks(row)}

# METADATA
# title: Lists keep what is shown under another name
condition(_) := "all"

_masks(row) := {field: {"as": "hash"} |
	some field, classes in input.types[row.type].classes
	some class in classes
	_hidden(class, row)
}

_hidden("SOURCE_IDENTITY", row) if {
	not _is_open(row)
	not _may_know_sources
}

_hidden("PERSONAL", row) if {
	row.type == "DataSubject"
	not _answers_for_people
}

# Each a rule of its own: `not` over an expression with an undefined part is undefined, not true.
_is_open(row) if row.attributes.marking in {"CLEAR", "GREEN"}

_may_know_sources if input.caller.clearance in {"amber+strict", "red"}

_answers_for_people if {
	some role in input.caller.roles
	role in data.encryption.answer_for_people
}
