# METADATA
# title: What the record of decisions keeps
# description: |
#   Denials and reads across jurisdictions are recorded one by one; of allows the record keeps a share. What identifies a
#   caller is recorded as a keyed hash.
# custom:
#   question: audit
#   mode: enforce
#   reason: RECORDED
#   reads: []
package atlas.audit.recording

about := rego.metadata.chain()[1].annotations.custom

# METADATA
# title: How each decision is recorded
# description: |
#   `share` of 1 keeps every one of its kind. `masks` has paths into the input, with what stands there in the record.
# entrypoint: true
records := [record |
	some decision in input.decisions
	record := {"id": decision.id, "share": _share(decision), "masks": data.audit.masks}
]

_share(decision) := data.audit.share_of_allows if {
	decision.outcome == "allowed"
	decision.crossesJurisdiction == false
} else := 1
