/** Where each region's subgraphs are, and which rows may be there. */
import { z } from "zod";

export type RegionEndpoints = {
  readonly region: string;
  /** The law that holds there, such as `EU`. */
  readonly jurisdiction: string;
  /** Residencies whose rows may be stored there, as ids have them. */
  readonly holds: readonly string[];
  /** URL of each subgraph, by its name. */
  readonly subgraphs: ReadonlyMap<string, string>;
};

const url = z.url({ protocol: /^https?$/ });
const region = z
  .strictObject({
    region: z.string().regex(/^[a-z0-9-]{1,32}$/),
    jurisdiction: z.string().regex(/^[A-Z]{2,16}$/),
    holds: z.array(z.string().regex(/^[a-z]{2,16}$/)).min(1),
    subgraphs: z.record(z.string(), url),
  })
  .transform((one): RegionEndpoints => ({ ...one, subgraphs: new Map(Object.entries(one.subgraphs)) }));

const expected =
  'expected a JSON list such as [{"region":"eu-west","jurisdiction":"EU","holds":["global","eu"],"subgraphs":{"regions":"http://…"}}]';

/** Of the variable ATLAS_REGIONS: every region, this one among them. */
export const regionList = z.string().transform((text, context): readonly RegionEndpoints[] => {
  const parsed = z.array(region).min(1).safeParse(parseJson(text));
  if (parsed.success && new Set(parsed.data.map((one) => one.region)).size === parsed.data.length)
    return parsed.data;
  context.addIssue(expected);
  return z.NEVER;
});

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
