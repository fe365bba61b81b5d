import { describe, expect, test } from "@jest/globals";
import { toAccount } from "./accountId.ts";
import { naturalId } from "./ids.ts";

const phone = { subject: "phone", tenant: "acme", jurisdiction: "us" } as const;

describe("toAccount", () => {
  test("names an account by tenant and subject, in the caller's jurisdiction", () => {
    expect(toAccount(phone)).toEqual({ id: naturalId("acme", "account", "phone"), residency: "us" });
    expect(toAccount({ ...phone, jurisdiction: "eu" })?.residency).toBe("eu");
  });

  test("gives the same subject of another tenant another account", () => {
    expect(toAccount({ ...phone, tenant: "globex" })?.id).not.toBe(toAccount(phone)?.id);
  });

  test("gives nobody an account who is not signed in", () => {
    expect(toAccount({ ...phone, subject: null })).toBeNull();
  });
});
