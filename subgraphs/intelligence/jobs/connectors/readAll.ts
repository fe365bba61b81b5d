/** A whole answer in memory, for what must be checked or read as a whole. */
import { fetchUrl } from "../importers/reading/fetchUrl.ts";
import { limitBytes } from "../importers/reading/openLocation.ts";
import { headersOf, type Run } from "./connector.ts";

export type Answer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
};

type ReadOptions = {
  readonly bytesMax?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly statuses?: readonly number[];
};

/** Throws FILE_TOO_LARGE above `bytesMax`, by default the connector's. */
export async function readAll(run: Run, url: URL, options: ReadOptions = {}): Promise<Answer> {
  const { bytesMax = run.connector.bytesMax, headers, statuses = [200] } = options;
  const answer = await fetchUrl(url, {
    ...run.fetching,
    statuses,
    headers: { ...headersOf(run), ...headers },
  });
  try {
    const chunks: Buffer[] = [];
    for await (const chunk of limitBytes(answer.bytes, bytesMax)) chunks.push(chunk);
    return { status: answer.status, headers: answer.headers, body: Buffer.concat(chunks) };
  } finally {
    await answer.close();
  }
}
