import { describe, expect, test } from "@jest/globals";
import { deviceIdOf, refuseDevice, refuseMove } from "./registerDevice.ts";

const phone = { installationId: "0c7e", model: "Pixel 9", appVersion: "1.4.0" };

describe("deviceIdOf", () => {
  test("is the same whenever and wherever the same installation of the same person registers", () => {
    const owner = { tenant: "acme", id: "one" };
    expect(deviceIdOf(owner, "0c7e")).toBe(deviceIdOf({ ...owner }, "0c7e"));
  });

  test("differs by tenant, person and installation", () => {
    const ids = [
      deviceIdOf({ tenant: "acme", id: "one" }, "0c7e"),
      deviceIdOf({ tenant: "globex", id: "one" }, "0c7e"),
      deviceIdOf({ tenant: "acme", id: "two" }, "0c7e"),
      deviceIdOf({ tenant: "acme", id: "one" }, "0c7f"),
    ];
    expect(new Set(ids).size).toBe(4);
  });
});

describe("refuseDevice", () => {
  test("takes a device with or without a model", () => {
    expect(refuseDevice(phone)).toBeNull();
    expect(refuseDevice({ ...phone, model: null })).toBeNull();
  });

  test.each([
    ["installationId", ""],
    ["installationId", "x".repeat(129)],
    ["model", " "],
    ["model", "x".repeat(101)],
    ["appVersion", "x".repeat(33)],
    ["appVersion", "1.4\u0000"],
  ])("refuses %s of the wrong form, by name", (name, value) => {
    expect(refuseDevice({ ...phone, [name]: value })).toContain(`expected \`${name}\``);
  });
});

describe("refuseMove", () => {
  test("lets a new device live anywhere and a known one stay where it is", () => {
    expect(refuseMove(null, "eu")).toBeNull();
    expect(refuseMove({ residency: "eu" }, "eu")).toBeNull();
    expect(refuseMove({ residency: "eu" }, null)).toBeNull();
  });

  test("refuses to move a known device, telling where it is", () => {
    expect(refuseMove({ residency: "eu" }, "global")).toBe(
      "expected `residency` EU, where the device is stored already; got GLOBAL",
    );
  });
});
