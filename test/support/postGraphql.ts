/** One GraphQL request over HTTP, and the answer as it came. */
export type Answer<Data = unknown> = {
  readonly status: number;
  readonly headers: Headers;
  readonly data?: Data | null;
  readonly errors?: readonly AnswerError[];
};

export type AnswerError = {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions?: { readonly code?: string } & Readonly<Record<string, unknown>>;
};

export type GraphqlBody = {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>> | undefined;
  readonly operationName?: string;
};

/** `Data` is the shape that the test expects of its own query; a wrong guess fails the expectation that follows. */
export async function postGraphql<Data = unknown>(
  url: string,
  body: GraphqlBody,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer<Data>> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/graphql-response+json", ...headers },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  try {
    return { status: response.status, headers: response.headers, ...JSON.parse(text) };
  } catch (cause) {
    throw new Error(`Expected JSON from ${url}; got status ${response.status}: ${text.slice(0, 500)}`, {
      cause,
    });
  }
}
