/** Decisions are cited by number, so a number means one of them. */
import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";

const folder = new URL("../../docs/decisions/", import.meta.url);
const files = readdirSync(folder).filter((file) => file.endsWith(".md"));

test("every decision has a number of its own, the same in its name and its heading, without gaps", () => {
  expect(files.map((file) => Number(file.slice(0, 4)))).toEqual(files.map((_, index) => index + 1));
  for (const file of files) {
    const [heading] = readFileSync(new URL(file, folder), "utf8").split("\n");
    expect([file, heading]).toEqual([
      file,
      expect.stringMatching(new RegExp(`^# ${Number(file.slice(0, 4))}\\. `)),
    ]);
  }
});
