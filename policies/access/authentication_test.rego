package atlas.access.authentication_test

import data.atlas.access.authentication

test_nothing_is_demanded if authentication.holds({"authenticated": false}) with input.caller.kind as "anonymous"

test_demanded_of_anonymous if not authentication.holds({"authenticated": true}) with input.caller.kind as "anonymous"

test_demanded_of_identified if authentication.holds({"authenticated": true}) with input.caller.kind as "identified"

test_demanded_of_nobody if not authentication.holds({"authenticated": true}) with input as {}
