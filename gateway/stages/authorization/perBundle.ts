import type { PolicyBundle } from "../../../policies/runtime/loadPolicyBundle.ts";

/** What depends on the rules in force, made once for each bundle and gone with it: a swap leaves nothing of the old one behind. */
export function createPerBundle<Made>(make: (bundle: PolicyBundle) => Made): (bundle: PolicyBundle) => Made {
  const known = new WeakMap<PolicyBundle, Made>();
  return (bundle) => {
    const made = known.get(bundle) ?? make(bundle);
    known.set(bundle, made);
    return made;
  };
}
