/** The flags of `atlas-gateway`. Each is another name for a variable of config.ts, which checks the values of both. */
import { parseArgs } from "node:util";
import { StartError } from "../startError.ts";

export type Flags =
  | { readonly kind: "help" }
  | { readonly kind: "version" }
  | { readonly kind: "run"; readonly variables: Readonly<Record<string, string>> };

/** Variable by flag. */
const variableOf = {
  supergraph: "ATLAS_SUPERGRAPH",
  port: "ATLAS_PORT",
  host: "ATLAS_HOST",
  "forward-header": "ATLAS_FORWARD_HEADERS",
  policies: "ATLAS_POLICIES",
  "policy-keys": "ATLAS_POLICY_KEYS",
} as const;

/** What messages about a variable call it. */
export const flagNames: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(variableOf).map(([flag, variable]) => [variable, `--${flag}`]),
);

export const usage = `Usage: atlas-gateway --supergraph <file|url> [flags]

Serves a federated graph: GraphQL over HTTP, server-sent events and WebSocket at /graphql.

  --supergraph <file|url>   supergraph SDL, or a supergraph.yaml to compose
  --port <number>           default 4000; 0 takes any free one
  --host <name|address>     default 127.0.0.1
  --forward-header <name>   pass this header of clients on to subgraphs; may be repeated
  --policies <bundle|url>   OPA bundle (tar.gz) that decides @authenticated, @requiresScopes and @policy
  --policy-keys <keys>      public keys that sign it, or unsigned (while you build)
  --help, --version

Everything else (identity, limits, deadlines, CORS, logs) is set by environment variables: see gateway/README.md.
`;

/** Throws a StartError for anything that is not a flag of this program, saying what is. */
export function parseFlags(args: readonly string[]): Flags {
  const { help, version, "forward-header": headers, ...single } = readFlags(args);
  if (help) return { kind: "help" };
  if (version) return { kind: "version" };
  const variables: Record<string, string> = {};
  for (const [flag, variable] of Object.entries(variableOf)) {
    const value: unknown = Reflect.get(single, flag);
    if (typeof value === "string") variables[variable] = value;
  }
  if (headers) variables[variableOf["forward-header"]] = headers.join(",");
  return { kind: "run", variables };
}

function readFlags(args: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...args],
      strict: true,
      options: {
        supergraph: { type: "string" },
        port: { type: "string" },
        host: { type: "string" },
        "forward-header": { type: "string", multiple: true },
        policies: { type: "string" },
        "policy-keys": { type: "string" },
        help: { type: "boolean", short: "h" },
        version: { type: "boolean", short: "v" },
      },
    });
    return values;
  } catch (cause) {
    // Node's text names the flag that was not expected, never a value.
    const text = cause instanceof Error ? (cause.message.split(". ")[0] ?? cause.message) : String(cause);
    const expected = [...Object.keys(variableOf), "help", "version"].map((flag) => `--${flag}`).join(", ");
    throw new StartError(`${text}. Expected ${expected}.`, { cause });
  }
}
