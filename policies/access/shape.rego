# METADATA
# title: A question of the expected form
# description: |
#   What cannot be read is denied before another rule reads it. An empty list in a directive would mean "everyone" to
#   Apollo's composition and "no one" to logic: it is neither, it is a mistake.
# custom:
#   question: fields
#   mode: enforce
#   reason: MALFORMED_REQUEST
#   reads: [caller.kind]
package atlas.access.shape

about := rego.metadata.chain()[1].annotations.custom

# METADATA
# title: The request and its caller have the form that the other rules expect
holds(request) if {
	input.caller.kind in {"anonymous", "identified"}
	is_string(request.coordinate)
	is_boolean(request.authenticated)
	_absent_or_alternatives(request.scopes)
	_absent_or_alternatives(request.policies)
}

_absent_or_alternatives(null)

_absent_or_alternatives(alternatives) if {
	is_array(alternatives)
	count(alternatives) > 0
	every conjunction in alternatives {
		is_array(conjunction)
		count(conjunction) > 0
	}
}
