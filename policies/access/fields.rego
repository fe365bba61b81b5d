# METADATA
# title: Field access
# description: |
#   Who may read which coordinate of the graph. The gateway asks once for each operation, with every coordinate that
#   the operation touches and what the supergraph demands there, and gets exactly one decision for each.
#
#   A decision is built from conditions that must all hold, so whatever is absent, misspelt or undefined denies.
# custom:
#   reads: [kind, roles, scopes, clearance, purpose]
package atlas.access.fields

import data.access.grants
import data.access.labels
import data.access.ladder

# METADATA
# title: One decision for each request
# description: The id is the request's own; reasons are the codes that clients see in `extensions.reason`.
# entrypoint: true
decisions := [decision |
	some request in input.requests
	outcome := _outcome(request)
	decision := {"id": request.id, "allow": outcome == "ALLOWED", "reason": outcome}
]

# The positive case comes first and complete: an expression that errs makes a conjunction false but its negation true,
# so the reasons below may only ever choose between denials.
_outcome(request) := "ALLOWED" if {
	_well_formed(request)
	_authenticated(request)
	_granted(request)
	_scoped(request)
	_labelled(request)
} else := "MALFORMED_REQUEST" if {
	not _well_formed(request)
} else := "AUTHENTICATION_REQUIRED" if {
	not _authenticated(request)
} else := "NOT_GRANTED_TO_ANONYMOUS" if {
	not _granted(request)
} else := "SCOPE_MISSING" if {
	not _scoped(request)
} else := "POLICY_NOT_SATISFIED"

_well_formed(request) if {
	input.caller.kind in {"anonymous", "identified"}
	is_string(request.coordinate)
	is_boolean(request.authenticated)
	_absent_or_alternatives(request.scopes)
	_absent_or_alternatives(request.policies)
}

_absent_or_alternatives(null)

# An empty list would mean "everyone" to Apollo's composition and "no one" to logic: it is neither, it is a mistake.
_absent_or_alternatives(alternatives) if {
	is_array(alternatives)
	count(alternatives) > 0
	every conjunction in alternatives {
		is_array(conjunction)
		count(conjunction) > 0
	}
}

_authenticated(request) if not request.authenticated

_authenticated(_) if input.caller.kind == "identified"

# Anonymous callers see what is granted to them by name, also where the schema demands nothing.
_granted(_) if input.caller.kind == "identified"

_granted(request) if {
	input.caller.kind == "anonymous"
	_granted_to_anonymous(request.coordinate)
}

# A type alone shows nothing; each of its fields is a request of its own.
_granted_to_anonymous(coordinate) if not contains(coordinate, ".")

_granted_to_anonymous(coordinate) if {
	[type, field] := split(coordinate, ".")
	field in grants.anonymous[type]
}

_granted_to_anonymous(coordinate) if {
	[type, field] := split(coordinate, ".")
	field in grants.anonymous_by_profile[input.environment.profile][type]
}

_scoped(request) if request.scopes == null

_scoped(request) if {
	some conjunction in request.scopes
	every scope in conjunction {
		scope in input.caller.scopes
	}
}

_labelled(request) if request.policies == null

_labelled(request) if {
	some conjunction in request.policies
	every label in conjunction {
		_satisfied(label)
	}
}

# A label without an entry, without any condition or with one that is unknown here satisfies no one.
_satisfied(label) if {
	conditions := labels[label]
	count(conditions) > 0
	every condition, wanted in conditions {
		_holds(condition, wanted)
	}
}

_holds("roles", wanted) if {
	some role in input.caller.roles
	role in wanted
}

_holds("clearance", wanted) if {
	some have, need
	ladder[have] == input.caller.clearance
	ladder[need] == wanted
	have >= need
}

_holds("purposes", wanted) if input.caller.purpose in wanted
