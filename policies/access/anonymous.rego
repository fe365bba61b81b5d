# METADATA
# title: Anonymous callers
# description: They see what is granted to them by name, also where the schema demands nothing.
# custom:
#   question: fields
#   mode: enforce
#   reason: NOT_GRANTED_TO_ANONYMOUS
#   reads: [caller.kind, environment.profile]
package atlas.access.anonymous

import data.access.grants

about := rego.metadata.chain()[1].annotations.custom

# METADATA
# title: The caller signed in, or the coordinate is granted to everybody
holds(_) if input.caller.kind == "identified"

holds(request) if {
	input.caller.kind == "anonymous"
	_granted(request.coordinate)
}

# A type alone shows nothing; each of its fields is a request of its own.
_granted(coordinate) if not contains(coordinate, ".")

_granted(coordinate) if {
	[type, field] := split(coordinate, ".")
	field in grants.anonymous[type]
}

_granted(coordinate) if {
	[type, field] := split(coordinate, ".")
	field in grants.anonymous_by_profile[input.environment.profile][type]
}
