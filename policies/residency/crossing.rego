# METADATA
# title: Rows of another jurisdiction
# description: |
#   A row that belongs to one jurisdiction is read from another only for a purpose that the table of transfers has for the
#   two (GDPR Art. 44 to 49, LGPD Art. 33). A row about a person also takes that person's live consent for the purpose;
#   of other rows, the fields that describe somebody are shown in part only.
# custom:
#   question: objects
#   mode: enforce
#   reason: TRANSFER_NOT_ALLOWED
#   reads: [caller.jurisdiction, caller.purpose]
#   objects:
#     "@resident": {residency: "@by"}
#     DataSubject: {consent: "mayLeaveFor(purpose: $purpose)"}
#     Consent: {consent: "subject { mayLeaveFor(purpose: $purpose) }"}
#     ResidencyPreference: {consent: "subject { mayLeaveFor(purpose: $purpose) }"}
#     ErasureRequest: {consent: "subject { mayLeaveFor(purpose: $purpose) }"}
package atlas.residency.crossing

import data.residency.jurisdictions
import data.residency.purposes

about := rego.metadata.chain()[1].annotations.custom

# METADATA
# title: Whether a row may be read from where the caller is
# description: A residency that is not known belongs to nobody's jurisdiction.
verdict(row) := {"outcome": "allow", "reason": "ALLOWED"} if {
	_stays(row.attributes.residency)
} else := {"outcome": "drop", "reason": "PURPOSE_MISSING"} if {
	not _has_purpose
} else := {"outcome": "drop", "reason": about.reason} if {
	not _may_leave(row)
} else := {"outcome": "drop", "reason": "CONSENT_MISSING"} if {
	_asks_consent(row.type)
	not _has_consent(row)
} else := {"outcome": "mask", "reason": "CONSENT_MISSING", "masks": _personal(row.type)} if {
	not _asks_consent(row.type)
	count(_personal(row.type)) > 0
} else := {"outcome": "allow", "reason": "ALLOWED"}

# METADATA
# title: The same as a condition on lists
condition(type) := {"type": "compound", "operator": "or", "value": array.concat([_staying], _leaving(type))}

_staying := {"type": "field", "operator": "in", "field": "residency", "value": _near}

# Of a jurisdiction that is not in the table only what belongs to nobody is near.
_near := ["GLOBAL", _home]

_near := ["GLOBAL"] if not _home

# Looked up, since native OPA and the WASM do not change the case of all letters alike.
_home := residency if {
	some residency, _ in jurisdictions
	lower(residency) == input.caller.jurisdiction
}

_stays(residency) if residency in _near

# Each a rule of its own: `not` over an expression with an undefined part is undefined, not true.
_may_leave(row) if row.attributes.residency in _transferable

_has_consent(row) if row.attributes.consent == true

_leaving(_) := [] if count(_transferable) == 0

_leaving(type) := [_far] if {
	count(_transferable) > 0
	not _asks_consent(type)
}

_leaving(type) := [{"type": "compound", "operator": "and", "value": [_far, _consented]}] if {
	count(_transferable) > 0
	_asks_consent(type)
}

_far := {"type": "field", "operator": "in", "field": "residency", "value": _transferable}

_consented := {"type": "field", "operator": "eq", "field": "consent", "value": true}

# Residencies whose rows may come to where the caller is, for what the caller wants them for. Sorted: native OPA and the
# WASM go through an object in different orders.
_transferable := sort({residency |
	_has_purpose
	some residency, jurisdiction in jurisdictions
	input.caller.purpose in jurisdiction.transfers[_home]
})

_has_purpose if purposes[input.caller.purpose]

_asks_consent(type) if "consent" in input.types[type].attributes

_personal(type) := {field: {"as": "partial"} |
	some field, classes in input.types[type].classes
	some class in classes
	class in {"PERSONAL", "SENSITIVE"}
}
