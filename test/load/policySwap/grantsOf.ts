import { grantToAnonymous } from "../../support/grantToAnonymous.ts";

/** Rules of the bookshop for everybody, with or without the fields that followers look at. */
export function grantsOf(isGranted: boolean): Promise<Buffer> {
  return grantToAnonymous({
    Query: ["books", "book", "slow"],
    Subscription: ["bookAdded"],
    Book: ["title", "isbn", ...(isGranted ? ["stars"] : [])],
  });
}
