# METADATA
# title: The rules and what they say of themselves
# description: |
#   Each rule tells in its METADATA which part of the input it reads, which attributes of objects it needs and whether it
#   is enforced. The host asks once, when it loads the bundle: it sends a rule nothing that the rule does not name, and
#   callers who differ in nothing that is read share their decisions.
package atlas.rules

import data.atlas.access.anonymous
import data.atlas.access.authentication
import data.atlas.access.bulk
import data.atlas.access.clearance
import data.atlas.access.labels
import data.atlas.access.scopes
import data.atlas.access.shape
import data.atlas.audit.recording
import data.atlas.encryption.pseudonyms
import data.atlas.residency.crossing
import data.atlas.retention.places

# METADATA
# title: Everything that a host must know before it asks
# entrypoint: true
catalogue := {
	"rules": {rule: object.union(custom, {"mode": mode(rule)}) | some rule, custom in _rules},
	"labels": [label | some label, _ in data.access.labels],
}

_rules := {
	"access.anonymous": anonymous.about,
	"access.authentication": authentication.about,
	"access.bulk": bulk.about,
	"access.clearance": clearance.about,
	"access.labels": labels.about,
	"access.scopes": scopes.about,
	"access.shape": shape.about,
	"audit.recording": recording.about,
	"encryption.pseudonyms": pseudonyms.about,
	"residency.crossing": crossing.about,
	"retention.places": places.about,
}

# METADATA
# title: How an objection of this rule counts
# description: |
#   `enforce` denies, `reject` refuses the whole operation, `dry-run` is only told. The rule's METADATA says so;
#   `data.modes` says otherwise for a while.
mode(rule) := data.modes[rule]

mode(rule) := _rules[rule].mode if not data.modes[rule]

# METADATA
# title: The objections that count
# description: A rule of unknown mode is enforced.
enforced(rules) := [rule | some rule in rules; not _is_dry_run(rule)]

# METADATA
# title: The objections that are only told
dry_run(rules) := [{"rule": rule, "reason": reason(rule)} | some rule in rules; _is_dry_run(rule)]

_is_dry_run(rule) if mode(rule) == "dry-run"

# METADATA
# title: What clients are told when the rule objects to a field
reason(rule) := _rules[rule].reason
