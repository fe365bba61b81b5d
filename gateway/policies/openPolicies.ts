/** The policies that a gateway starts with. */
import { openPolicyBundle, type PolicyBundle } from "../../policies/runtime/loadPolicyBundle.ts";
import { assertLater } from "../../policies/runtime/revision.ts";
import type { PoliciesConfig } from "../config.ts";
import { describeCause, type Log } from "../observability/log.ts";
import type { Source } from "../watchSource.ts";
import type { PackedBundle } from "./createPolicySource.ts";
import { createLastGoodBundle } from "./lastGoodBundle.ts";
import { tryBundle } from "./tryBundle.ts";

type Options = {
  readonly config: Extract<PoliciesConfig, { kind: "on" }>;
  readonly source: Source<PackedBundle>;
  readonly log: Log;
};

/**
 * What the source has, unless it is refused, or older than what served before; then what served before, if the
 * configuration has it kept. Throws a PolicyError when there is neither: better no start than no policy.
 */
export async function openPolicies({ config, source, log }: Options): Promise<PolicyBundle> {
  const { trust, cacheFolder } = config;
  const lastGood = cacheFolder === undefined ? undefined : createLastGoodBundle(cacheFolder);
  const kept = await lastGood?.find();
  const served = kept && (await tryBundle(kept, trust).catch(() => undefined));
  try {
    const { packed } = await source.read();
    const files = await tryBundle(packed, trust);
    if (trust.kind === "signed") assertLater(files, served);
    await lastGood?.keep(packed);
    return await openPolicyBundle(files);
  } catch (thrown) {
    if (!served) throw thrown;
    log.error(
      { cause: describeCause(thrown), revision: served.revision },
      "policies refused, last good ones kept",
    );
    return openPolicyBundle(served);
  }
}
