/** The repository's bundle with other grants: what a change of the policies' data makes of it. */
import { readFile } from "node:fs/promises";
import { z } from "zod";
import { builtBundle } from "../../infra/policies/signLocalPolicies.ts";
import { changePolicyData } from "./changePolicyData.ts";

const dataSchema = z.looseObject({
  access: z.looseObject({ grants: z.looseObject({ anonymous: z.record(z.string(), z.array(z.string())) }) }),
});

/** `fields` by type, beside what anonymous callers may read anyway. Unsigned. */
export async function grantToAnonymous(fields: Readonly<Record<string, string[]>>): Promise<Buffer> {
  return changePolicyData(await readFile(builtBundle), (built) => {
    const data = dataSchema.parse(built);
    Object.assign(data.access.grants.anonymous, fields);
    return data;
  });
}
