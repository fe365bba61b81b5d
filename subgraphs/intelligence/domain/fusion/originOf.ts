/**
 * What a signal was taken from. Signals of one page and one day are copies: a wire report that many sources repeat,
 * or the many events that a machine reads out of one article. The day keeps apart the values of a series that has a
 * page of its own. A signal without a page is its own origin.
 */
export type OriginFields = {
  readonly url: string | null;
  readonly sourceCode: string;
  readonly sourceId: string;
  readonly observedAt: Date;
};

export function originOf({ url, sourceCode, sourceId, observedAt }: OriginFields): string {
  const page = url === null ? null : pageOf(url);
  return page === null ? `${sourceCode}|${sourceId}` : `${page}|${observedAt.toISOString().slice(0, 10)}`;
}

/** Without what tells where a reader came from (scheme, `www.`, `utm_…`) or where on the page to look. */
function pageOf(url: string): string | null {
  if (!URL.canParse(url)) return null;
  const { host, pathname, searchParams } = new URL(url);
  const query = [...searchParams]
    .filter(([name]) => !name.startsWith("utm_"))
    .map(([name, value]) => `${name}=${value}`)
    .sort();
  return `${host.replace(/^www\./, "")}${pathname.replace(/\/+$/, "")}?${query.join("&")}`;
}
