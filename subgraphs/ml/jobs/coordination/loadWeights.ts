import type { RoundQueries } from "../../db/transact.ts";
import type { Db } from "../../db.ts";
import type { ServerState } from "../../domain/federation/strategy.ts";
import { fromBytes, hashTensors, type Manifest, toBytes } from "../../domain/models/parameters.ts";

export type Weights = { readonly manifest: Manifest; readonly vector: Float32Array };

/** Throws when there are none of that hash: a run then cannot go on, and somebody has to look. */
export async function loadWeights(db: Pick<Db, "findParameters">, contentHash: string): Promise<Weights> {
  const row = await db.findParameters(contentHash);
  if (!row) throw new Error(`expected weights with the hash ${contentHash}, there are none`);
  return { manifest: row.manifest, vector: fromBytes(row.vector) };
}

/** What the optimiser remembers is stored like weights: each of its vectors is a tensor. */
export async function loadState(db: Db, stateHash: string | null): Promise<ServerState> {
  if (stateHash === null) return {};
  const { manifest, vector } = await loadWeights(db, stateHash);
  let offset = 0;
  return Object.fromEntries(
    manifest.map(({ name, shape: [length = 0] }) => {
      offset += length;
      return [name, vector.slice(offset - length, offset)];
    }),
  );
}

/** Null when there is nothing to remember. */
export async function storeState(queries: RoundQueries, state: ServerState): Promise<string | null> {
  const tensors = Object.entries(state).map(([name, values]) => ({ name, shape: [values.length], values }));
  if (tensors.length === 0) return null;
  const hash = hashTensors(tensors);
  await queries.storeParameters(hash, tensors, Buffer.concat(tensors.map(({ values }) => toBytes(values))));
  return hash;
}
