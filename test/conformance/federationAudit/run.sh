# Started by the suite with the name of a test suite, in a folder of its own, before each.
set -e
node -e 'fetch(process.argv[1]).then((answer) => answer.text()).then((sdl) => require("fs").writeFileSync("supergraph.graphql", sdl))' "$AUDIT_URL/$1/supergraph"
exec node --max-semi-space-size=64 "$ATLAS_GATEWAY" --supergraph supergraph.graphql --port "$ATLAS_PORT_FOR_AUDIT"
