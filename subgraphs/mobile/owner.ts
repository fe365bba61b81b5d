import { NIL } from "uuid";
import { type Account, toAccount } from "../shared/accountId.ts";
import type { Reader } from "../shared/filters/rowFilter.ts";
import type { CallerContext } from "../shared/verifyContext.ts";

/** Whose rows a request may reach. Everything here belongs to one person, so nothing is read without this. */
export type Owner = Account & Reader;

/** Callers who are not signed in own nothing: no row carries the nil UUID, so their queries find none. */
const nobody: Account = { id: NIL, residency: "global" };

export function toOwner(caller: CallerContext): Owner {
  return { ...(toAccount(caller) ?? nobody), tenant: caller.tenant, filters: caller.filters };
}

export function isNobody(owner: Owner): boolean {
  return owner.id === NIL;
}
