/** Questions about access, as people ask them, in the form in which the gateway takes them. */
import { z } from "zod";
import { isExplanationId } from "../../policies/runtime/explanationId.ts";
import { AppError } from "../shared/errors.ts";
import type { CallerContext } from "../shared/verifyContext.ts";
import type { AccessExplanation, AccessFacts } from "./askGateway.ts";
import type { Context } from "./context.ts";

type Asked = {
  readonly operation: string;
  readonly operationName?: string | null | undefined;
  readonly variables?: unknown;
  readonly rows?: boolean | null | undefined;
};

const variablesSchema = z.record(z.string(), z.unknown()).nullish();

/** Rejects with BAD_USER_INPUT for what cannot be explained. */
export async function explain(
  { askGateway, caller }: Context,
  { operation, operationName, variables, rows }: Asked,
  as: AccessFacts,
): Promise<AccessExplanation & { readonly caller: AccessFacts }> {
  if (isExplanationId(caller.operationId))
    throw new AppError("BAD_USER_INPUT", "expected an operation that asks for no explanation itself");
  const values = variablesSchema.safeParse(variables);
  if (!values.success)
    throw new AppError("BAD_USER_INPUT", "expected variables as an object, by the names of the variables");
  const explanation = await askGateway.explainAccess({
    operation,
    operationName: operationName ?? null,
    variables: values.data ?? {},
    rows: rows ?? false,
    as,
    asker: toAccessFacts(caller),
  });
  return { ...explanation, caller: as };
}

export function toAccessFacts(caller: CallerContext): AccessFacts {
  const { anonymous, subject, tenant, roles, scopes, clearance, purpose, region, jurisdiction } = caller;
  return { anonymous, subject, tenant, roles, scopes, clearance, purpose, region, jurisdiction };
}
