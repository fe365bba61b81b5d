/** The repository's bundle with other grants: what a change of the policies' data makes of it. */
import { readFile } from "node:fs/promises";
import { z } from "zod";
import { builtBundle } from "../../infra/policies/signLocalPolicies.ts";
import { packBundle, unpackBundle } from "../../policies/runtime/unpackBundle.ts";

const dataSchema = z.looseObject({
  access: z.looseObject({ grants: z.looseObject({ anonymous: z.record(z.string(), z.array(z.string())) }) }),
});

/** `fields` by type, beside what anonymous callers may read anyway. Unsigned. */
export async function grantToAnonymous(fields: Readonly<Record<string, string[]>>): Promise<Buffer> {
  const contents = await unpackBundle(await readFile(builtBundle));
  const data = dataSchema.parse(JSON.parse(String(contents.get("data.json"))));
  Object.assign(data.access.grants.anonymous, fields);
  return packBundle(new Map([...contents, ["data.json", Buffer.from(JSON.stringify(data))]]));
}
