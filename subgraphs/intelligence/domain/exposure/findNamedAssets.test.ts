import { expect, test } from "@jest/globals";
import { createAssetFinder } from "./findNamedAssets.ts";

const find = createAssetFinder([
  { id: "hmi", name: "Human-Machine Interface (HMI)" },
  { id: "vpn", name: "Virtual Private Network (VPN) Server" },
  { id: "router", name: "Routers" },
  { id: "io", name: "Field I/O" },
  { id: "switch", name: "Switch" },
]);

test.each([
  ["A flaw in the HMI of a plant", ["hmi"]],
  ["human machine interfaces and a router", ["hmi", "router"]],
  ["Remote access by VPN", ["vpn"]],
  ["Virtual private network servers", ["vpn"]],
  ["field i/o modules", ["io"]],
  ["HMI-930L is the name of a model", []],
  ["vpn in lower case is no abbreviation", []],
  ["Switchboards and HMIX are other words", []],
])("%s", (text, ids) => {
  expect(find(text)).toEqual(ids);
});
