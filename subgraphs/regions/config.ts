/** What the regions subgraph reads from its environment besides what every subgraph does. */
import { z } from "zod";

const environment = z.object({
  ATLAS_PEER_GATEWAYS: z
    .string()
    .default("")
    .transform((text) => text.split(",").filter((pair) => pair !== ""))
    .transform((pairs, context) => {
      const gateways = new Map<string, string>();
      for (const pair of pairs) {
        const [, region, url] = /^([a-z]+-[a-z]+)=(https?:\/\/.+)$/.exec(pair) ?? [];
        if (region === undefined || url === undefined || !URL.canParse(url))
          context.addIssue("expected region=url pairs with http or https URLs, separated by commas");
        else gateways.set(region, url);
      }
      return gateways;
    }),
});

export type RegionsConfig = {
  /** Base URL of each other region's gateway, which this region looks at; none where it is alone. */
  readonly peerGateways: ReadonlyMap<string, string>;
};

/** Throws one error that names every faulty variable. */
export function parseRegionsConfig(env: Readonly<Record<string, string | undefined>>): RegionsConfig {
  const parsed = environment.safeParse(env);
  if (!parsed.success) {
    const faults = parsed.error.issues.map((issue) => `  ${issue.path.join(".")}: ${issue.message}`);
    throw new Error(`The environment is not complete:\n${faults.join("\n")}\nSee .env.example.`);
  }
  return Object.freeze({ peerGateways: parsed.data.ATLAS_PEER_GATEWAYS });
}
