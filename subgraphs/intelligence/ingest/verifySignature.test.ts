import { createHmac } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import { deriveWebhookKey, findSignatureFault, toleranceSeconds } from "./verifySignature.ts";

const master = Buffer.alloc(32, 7);
const key = deriveWebhookKey(master, "harbour", 1);
const body = Buffer.from('{"sourceId":"1"}');
const now = new Date("2026-03-03T12:00:00Z");
const seconds = now.getTime() / 1_000;

function signed(by: Buffer, at: number, what: string): string {
  return createHmac("sha256", by).update(`${at}.${what}`).digest("hex");
}

describe("a signature", () => {
  test("by the key over moment and body is taken, also beside one by another key", () => {
    const good = signed(key, seconds, String(body));
    expect(findSignatureFault([key], { header: `t=${seconds},v1=${good}`, body, now })).toBeNull();
    const header = `t=${seconds}, v1=${"0".repeat(64)}, v1=${good}`;
    expect(
      findSignatureFault([deriveWebhookKey(master, "harbour", 2), key], { header, body, now }),
    ).toBeNull();
  });

  test.each([
    ["another body", signed(key, seconds, "{}"), seconds],
    ["another moment", signed(key, seconds - 1, String(body)), seconds],
    ["another webhook's key", signed(deriveWebhookKey(master, "other", 1), seconds, String(body)), seconds],
    ["an earlier key", signed(deriveWebhookKey(master, "harbour", 0), seconds, String(body)), seconds],
  ])("over or by %s is refused", (_what, signature, at) => {
    expect(findSignatureFault([key], { header: `t=${at},v1=${signature}`, body, now })).toContain(
      "by its key",
    );
  });

  test("of a webhook that is not registered is refused in the same words", () => {
    const header = `t=${seconds},v1=${signed(key, seconds, String(body))}`;
    expect(findSignatureFault([], { header, body, now })).toContain("by its key");
  });

  test.each([-1, 1])("that is too old or of a time to come is refused (%i)", (direction) => {
    const at = seconds + direction * (toleranceSeconds + 1);
    const header = `t=${at},v1=${signed(key, at, String(body))}`;
    expect(findSignatureFault([key], { header, body, now })).toContain("within 300 s of now");
  });

  test.each([undefined, "", "v1=", `v1=${"0".repeat(64)}`, "t=1,v1=zz", `t=-1,v1=${"0".repeat(64)}`, "t=1"])(
    "%j is told its form",
    (header) => {
      expect(findSignatureFault([key], { header, body, now })).toContain("expected a header atlas-signature");
    },
  );
});
