/** What the gateway says of the operation in the editor, for the caller of the headers beside it. */

export type FieldAccess = {
  readonly coordinate: string;
  readonly allowed: boolean;
  readonly reason: string;
  readonly rule: string;
  readonly demands: readonly string[];
  readonly places: readonly string[];
};

export type TypeAccess = {
  readonly type: string;
  readonly rules: readonly string[];
  readonly lists: "ALL" | "SOME" | "NONE";
  readonly reason: string;
  readonly rule: string;
  readonly condition: unknown;
  readonly places: readonly string[];
};

export type RowAccess = {
  readonly type: string;
  readonly path: string;
  readonly id: string | null;
  readonly outcome: "ALLOW" | "MASK" | "NULL" | "DROP";
  readonly reason: string;
  readonly rule: string;
  readonly masked: readonly { readonly field: string; readonly as: string }[];
};

export type Explanation = {
  readonly bundleRevision: string;
  readonly allowed: boolean;
  readonly caller: {
    readonly anonymous: boolean;
    readonly roles: readonly string[];
    readonly scopes: readonly string[];
    readonly clearance: string;
    readonly purpose: string | null;
    readonly region: string;
  };
  readonly fields: readonly FieldAccess[];
  readonly types: readonly TypeAccess[];
  readonly rows: readonly RowAccess[] | null;
  readonly rowsComplete: boolean | null;
};

export type Explained =
  | { readonly kind: "explained"; readonly explanation: Explanation; readonly asked: Asked }
  /** Nobody can say anything yet; the text says why, for people. */
  | { readonly kind: "unexplained"; readonly text: string };

/** As the editors have it. */
export type Asked = {
  readonly operation: string;
  readonly operationName: string | null;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly rows: boolean;
};

const document = `query PolicyPanel($operation: String!, $operationName: String, $variables: JSON, $rows: Boolean!) {
  explainMyAccess(operation: $operation, operationName: $operationName, variables: $variables, rows: $rows) {
    bundleRevision
    allowed
    caller { anonymous roles scopes clearance purpose region }
    fields { coordinate allowed reason rule demands places }
    types { type rules lists reason rule condition places }
    rows { type path id outcome reason rule masked { field as } }
    rowsComplete
  }
}`;

type Answer = {
  readonly data?: { readonly explainMyAccess: Explanation | null } | null;
  readonly errors?: readonly {
    readonly message: string;
    readonly extensions?: { readonly code?: string };
  }[];
};

/** Never rejects, unless it is aborted. */
export async function askExplanation(
  endpoint: string,
  asked: Asked,
  signal: AbortSignal,
): Promise<Explained> {
  const { headers, ...variables } = asked;
  let answer: Answer;
  try {
    const response = await fetch(endpoint, {
      method: "POST",
      headers: { ...headers, "content-type": "application/json", accept: "application/json" },
      body: JSON.stringify({ query: document, operationName: "PolicyPanel", variables }),
      signal,
    });
    // The gateway answers GraphQL in whatever status.
    answer = (await response.json()) as Answer;
  } catch (cause) {
    if (signal.aborted) throw cause;
    return { kind: "unexplained", text: "The gateway does not answer. It is asked again when you type." };
  }
  const explanation = answer.data?.explainMyAccess;
  if (explanation) return { kind: "explained", explanation, asked };
  const errors = answer.errors ?? [];
  const text = errors.map(({ message }) => message).join("\n");
  if (errors.some(({ extensions }) => extensions?.code === "UNAUTHENTICATED"))
    return { kind: "unexplained", text: `The token in the Headers tab is not good: ${text}` };
  if (text.includes('"explainMyAccess"'))
    return { kind: "unexplained", text: "This graph explains no access: it has no Query.explainMyAccess." };
  return { kind: "unexplained", text: text || "The gateway gave no explanation." };
}
