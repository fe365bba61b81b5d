import { expect, test } from "@jest/globals";
import type { LogRecord } from "../eventLog.ts";
import { createRepetitions, producerHeader, sequenceHeader } from "./repetitions.ts";

test("drops what a producer sent once more, and hides how it was told", () => {
  const { drop } = createRepetitions();
  const heard = drop([record("0", "7"), record("1", "8"), record("2", "7")]);
  expect(heard.map(({ offset, headers }) => ({ offset, headers }))).toEqual([
    { offset: "0", headers: { kept: "yes" } },
    { offset: "1", headers: { kept: "yes" } },
  ]);
});

test("a record that is read again after a failure is no repetition", () => {
  const { drop } = createRepetitions();
  drop([record("0", "7"), record("1", "7")]);
  expect(drop([record("0", "7"), record("1", "7")]).map(({ offset }) => offset)).toEqual(["0"]);
});

test("the same number of another producer or in another partition is another message", () => {
  const { drop } = createRepetitions();
  const records = [record("0", "7"), record("1", "7", "other"), { ...record("0", "7"), partition: 1 }];
  expect(drop(records)).toHaveLength(3);
});

test("records of producers without a name pass", () => {
  const { drop } = createRepetitions();
  const plain = { ...record("0", "7"), headers: { kept: "yes" } };
  expect(drop([plain, { ...plain, offset: "1" }])).toHaveLength(2);
});

function record(offset: string, sequence: string, producer = "relay"): LogRecord {
  return {
    topic: "t",
    partition: 0,
    offset,
    key: null,
    value: null,
    headers: { kept: "yes", [producerHeader]: producer, [sequenceHeader]: sequence },
    timestamp: new Date(0),
  };
}
