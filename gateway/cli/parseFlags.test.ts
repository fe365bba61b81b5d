import { expect, test } from "@jest/globals";
import { parseFlags, usage } from "./parseFlags.ts";

test("turns flags into the variables that they are other names for", () => {
  const args = ["--supergraph", "a.graphql", "--port=0", "--forward-header", "a", "--forward-header", "b"];
  expect(parseFlags(args)).toEqual({
    kind: "run",
    variables: { ATLAS_SUPERGRAPH: "a.graphql", ATLAS_PORT: "0", ATLAS_FORWARD_HEADERS: "a,b" },
  });
});

test("answers help and version before anything else", () => {
  expect(parseFlags(["--port", "1", "--help"])).toEqual({ kind: "help" });
  expect(parseFlags(["-v"])).toEqual({ kind: "version" });
});

test.each([["--subgraph"], ["--polices=x"], ["supergraph.graphql"], ["--port"]])(
  "refuses %p and says what is expected",
  (argument) => {
    expect(() => parseFlags([argument])).toThrow(
      /Expected --supergraph, --port, --host, --forward-header, --policies, --policy-keys, --help, --version\.$/,
    );
  },
);

test("the usage text names every flag", () => {
  for (const flag of [
    "supergraph",
    "port",
    "host",
    "forward-header",
    "policies",
    "policy-keys",
    "help",
    "version",
  ]) {
    expect(usage).toContain(`--${flag}`);
  }
});
