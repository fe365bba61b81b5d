/** `supergraph.yaml`, in the format that `rover supergraph compose` reads, parsed or refused with every fault at once. */
import { parseDocument } from "yaml";
import { z } from "zod";
import { SupergraphError } from "./supergraphError.ts";

export type ComposeConfig = { readonly subgraphs: readonly SubgraphConfig[] };

export type SubgraphConfig = {
  readonly name: string;
  /** Absent only beside `subgraph_url`, which then serves for both. */
  readonly routingUrl: string | undefined;
  readonly schema: SchemaSource;
};

export type SchemaSource =
  | { readonly kind: "file"; readonly file: string }
  | { readonly kind: "sdl"; readonly sdl: string }
  | { readonly kind: "url"; readonly url: string; readonly headers: Readonly<Record<string, string>> };

export type Environment = Readonly<Record<string, string | undefined>>;

/** `source` names the file in errors; `${env.NAME}` in any value comes from `environment`. */
export function parseComposeConfig(text: string, source: string, environment: Environment): ComposeConfig {
  const document = parseDocument(text);
  if (document.errors.length > 0)
    throw new SupergraphError(
      `${source}: not YAML`,
      document.errors.map(({ message }) => firstLine(message)),
    );
  const unset = new Set<string>();
  const expanded = expand(document.toJS(), environment, unset);
  if (unset.size > 0)
    throw new SupergraphError(`${source}: names environment variables that are not set`, [...unset]);
  const parsed = configShape.safeParse(expanded);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => `${path.join(".") || "file"}: ${message}`);
  throw new SupergraphError(`${source}: not a supergraph configuration`, faults);
}

const schemaShape = z.union(
  [
    z.strictObject({ file: z.string().min(1) }).transform(({ file }) => ({ kind: "file" as const, file })),
    z.strictObject({ sdl: z.string().min(1) }).transform(({ sdl }) => ({ kind: "sdl" as const, sdl })),
    z
      .strictObject({
        subgraph_url: z.url(),
        introspection_headers: z.record(z.string(), z.string()).default({}),
      })
      .transform((schema) => ({
        kind: "url" as const,
        url: schema.subgraph_url,
        headers: schema.introspection_headers,
      })),
  ],
  "expected one of file, sdl or subgraph_url (graphref needs a registry, which this gateway does not use)",
);

const configShape = z
  .strictObject({
    federation_version: z
      .union([z.string(), z.number()])
      .refine(
        (version) => /^=?v?2(\.|$)/.test(String(version)),
        "expected a Federation 2 version, such as =2.9.0",
      )
      .optional(),
    subgraphs: z.record(
      z.string(),
      z
        .strictObject({ routing_url: z.url().optional(), schema: schemaShape })
        .refine(({ routing_url, schema }) => routing_url !== undefined || schema.kind === "url", {
          path: ["routing_url"],
          message: "expected the URL that the gateway sends operations to",
        }),
    ),
  })
  .transform(({ subgraphs }) => ({
    subgraphs: Object.entries(subgraphs).map(([name, { routing_url, schema }]) => ({
      name,
      routingUrl: routing_url,
      schema,
    })),
  }))
  .refine(({ subgraphs }) => subgraphs.length > 0, { path: ["subgraphs"], message: "expected at least one" });

function expand(value: unknown, environment: Environment, unset: Set<string>): unknown {
  if (typeof value === "string")
    return value.replace(/\$\{env\.([A-Za-z_][A-Za-z0-9_]*)\}/g, (_whole, name: string) => {
      const found = environment[name];
      if (found === undefined) unset.add(name);
      return found ?? "";
    });
  if (Array.isArray(value)) return value.map((item) => expand(item, environment, unset));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, expand(item, environment, unset)]),
  );
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0] ?? text;
}
