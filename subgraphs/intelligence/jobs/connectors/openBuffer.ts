/** Bytes that are in memory already, as an importer reads them. */
import { type OpenedLocation, openBytes } from "../importers/reading/openLocation.ts";

export function openBuffer(content: Buffer, name: string, updatedAt: Date | null): OpenedLocation {
  return openBytes({ bytes: once(content), updatedAt, close: async () => undefined }, name, content.length);
}

async function* once(content: Buffer): AsyncGenerator<Buffer> {
  yield content;
}
