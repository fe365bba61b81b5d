/** A built bundle with other data documents, unsigned: what a change of the policies' data makes of it. */
import { packBundle, unpackBundle } from "../../policies/runtime/unpackBundle.ts";

/** `change` gets what is in the bundle and answers what should be. */
export async function changePolicyData(
  packed: Uint8Array,
  change: (data: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>,
): Promise<Buffer> {
  const contents = await unpackBundle(packed);
  const data = change(JSON.parse(String(contents.get("data.json"))));
  return packBundle(new Map([...contents, ["data.json", Buffer.from(JSON.stringify(data))]]));
}
