# METADATA
# title: What of an operation a caller may see
# description: |
#   The first question. The gateway asks once for each operation, with every coordinate that it touches and what the
#   supergraph demands there, and gets exactly one decision for each. All rules must hold.
package atlas.fields

import data.atlas.access.anonymous
import data.atlas.access.authentication
import data.atlas.access.bulk
import data.atlas.access.labels
import data.atlas.access.scopes
import data.atlas.access.shape
import data.atlas.rules

# METADATA
# title: One decision for each request
# description: The id is the request's own; reasons are the codes that clients see in `extensions.reason`.
# entrypoint: true
decisions := [decision |
	some request in input.requests
	decision := _decision(request, _objections(request))
]

# In the order in which the first objection is told.
_rules := [
	"access.shape",
	"access.authentication",
	"access.anonymous",
	"access.scopes",
	"access.labels",
	"access.bulk",
]

# A rule holds or it objects: an expression that errs does not hold, so what is absent, misspelt or undefined denies.
_objections(request) := [rule | some rule in _rules; not _holds(rule, request)]

_holds("access.shape", request) if shape.holds(request)

_holds("access.authentication", request) if authentication.holds(request)

_holds("access.anonymous", request) if anonymous.holds(request)

_holds("access.scopes", request) if scopes.holds(request)

_holds("access.labels", request) if labels.holds(request)

_holds("access.bulk", request) if bulk.holds(request)

_decision(request, objections) := {
	"id": request.id,
	"outcome": "allow",
	"reason": "ALLOWED",
	"rule": "",
	"reject": false,
	"dry_run": rules.dry_run(objections),
} if {
	count(rules.enforced(objections)) == 0
} else := {
	"id": request.id,
	"outcome": "deny",
	"reason": rules.reason(rules.enforced(objections)[0]),
	"rule": rules.enforced(objections)[0],
	"reject": _rejects(objections),
	"dry_run": rules.dry_run(objections),
}

default _rejects(_) := false

_rejects(objections) if {
	some rule in rules.enforced(objections)
	rules.mode(rule) == "reject"
}
