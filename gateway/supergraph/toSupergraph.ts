import { buildSchema } from "./buildSchema.ts";
import type { ReadSupergraph } from "./readSupergraph.ts";
import type { Supergraph } from "./supergraph.ts";

/** The part of reading a supergraph that the serving thread has to do itself, in slices. */
export async function toSupergraph({ apiSdl, supergraphSdl, ...read }: ReadSupergraph): Promise<Supergraph> {
  const apiSchema = await buildSchema(apiSdl);
  return { ...read, apiSchema, supergraphSchema: await buildSchema(supergraphSdl) };
}
