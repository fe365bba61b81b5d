/** Forms of texts that only this subgraph asks for; the rest is in subgraphs/shared/parseInput.ts. */

/** Line breaks and tabs are writing; NUL, escapes and the like are not, and PostgreSQL stores no NUL. */
export function refuseControlCharacters(name: string, value: string): string | null {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  const found = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F]/.exec(value);
  if (found === null) return null;
  const code = found[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, "0");
  return `expected \`${name}\` without control characters; got U+${code} at ${found.index}`;
}

export function refuseCountryCode(code: string): string | null {
  if (/^[A-Z]{2}$/.test(code)) return null;
  return `expected \`country\` as an ISO 3166-1 alpha-2 code such as "DE"; got ${JSON.stringify(code.slice(0, 80))}`;
}
