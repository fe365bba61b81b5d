# METADATA
# title: Signing in
# description: What is marked `@authenticated` is for callers who signed in.
# custom:
#   question: fields
#   mode: enforce
#   reason: AUTHENTICATION_REQUIRED
#   reads: [caller.kind]
package atlas.access.authentication

about := rego.metadata.chain()[1].annotations.custom

# METADATA
# title: Nothing is demanded, or the caller signed in
holds(request) if not request.authenticated

holds(_) if input.caller.kind == "identified"
