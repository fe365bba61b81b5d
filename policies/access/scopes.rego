# METADATA
# title: Scopes
# description: "`@requiresScopes`: one of the alternatives, as a whole."
# custom:
#   question: fields
#   mode: enforce
#   reason: SCOPE_MISSING
#   reads: [caller.scopes]
package atlas.access.scopes

about := rego.metadata.chain()[1].annotations.custom

# METADATA
# title: Nothing is demanded, or the caller has every scope of one alternative
holds(request) if request.scopes == null

holds(request) if {
	some conjunction in request.scopes
	count(conjunction) > 0
	every scope in conjunction {
		scope in input.caller.scopes
	}
}
