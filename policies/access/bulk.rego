# METADATA
# title: Many people at once
# description: |
#   A long list of people is an export, whatever it is called. Lists named in `data.access.bulk` answer at most so many
#   at once, unless the caller's purpose is one that exports are for.
# custom:
#   question: fields
#   mode: enforce
#   reason: TOO_MANY_AT_ONCE
#   reads: [caller.purpose]
#   arguments:
#     Query.dataSubjects: [first]
package atlas.access.bulk

about := rego.metadata.chain()[1].annotations.custom

# METADATA
# title: The list is not limited, or no longer than it may be, or the purpose allows it
holds(request) if not data.access.bulk[request.coordinate]

holds(request) if request.arguments.first <= data.access.bulk[request.coordinate].first

holds(request) if input.caller.purpose in data.access.bulk[request.coordinate].purposes
