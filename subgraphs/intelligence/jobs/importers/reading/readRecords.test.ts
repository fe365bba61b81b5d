import { describe, expect, test } from "@jest/globals";
import { type Format, type FoundRecord, readRecords } from "./readRecords.ts";

const csv: Format = { kind: "csv", delimiter: ",", header: true, quoted: true, columns: ["id", "name"] };
const tsv: Format = {
  kind: "csv",
  delimiter: "\t",
  header: false,
  quoted: false,
  columns: ["id", "name", "url"],
  optionalColumns: 1,
};

describe("readRecords", () => {
  test("reads lines by the names of the first one, whatever their order", async () => {
    expect(await read("name,id\nAda,1\n", csv)).toEqual([
      { kind: "record", location: "line 2", value: { id: "1", name: "Ada" } },
    ]);
  });

  test("reads quoted cells with commas, quotes and line ends", async () => {
    const [first, second] = await read('\uFEFFid,name\n1,"a, ""b""\nc"\n2,d\n', csv);
    expect(first).toMatchObject({ value: { id: "1", name: 'a, "b"\nc' } });
    expect(second).toMatchObject({ location: "line 4", value: { id: "2", name: "d" } });
  });

  test("tells a line with a missing or an additional cell, and goes on", async () => {
    const [missing, additional, right] = await read("id,name\n1\n1,a,b\n2,c\n", csv);
    expect(missing).toMatchObject({ kind: "fault", location: "line 2", reason: "expected 2 columns; got 1" });
    expect(additional).toMatchObject({
      kind: "fault",
      location: "line 3",
      reason: "expected 2 columns; got 3",
    });
    expect(right).toMatchObject({ kind: "record", value: { id: "2", name: "c" } });
  });

  test("takes quotes for text where a format has none, and leaves out optional columns", async () => {
    expect(await read('1\t"a\n2\tb\thttp://x\n', tsv)).toEqual([
      { kind: "record", location: "line 1", value: { id: "1", name: '"a' } },
      { kind: "record", location: "line 2", value: { id: "2", name: "b", url: "http://x" } },
    ]);
  });

  test("refuses a table without the columns that it needs", async () => {
    await expect(read("id,title\n1,a\n", csv)).rejects.toThrow(
      "expected a first line with the columns id, name; got id, title",
    );
    await expect(read("", csv)).rejects.toThrow("the file is empty");
  });

  test("gives what stands before a quote that is never closed, then says so", async () => {
    const found: FoundRecord[] = [];
    const reading = (async () => {
      for await (const record of readRecords(bytesOf('id,name\n1,a\n2,"b\n3,c\n'), csv)) found.push(record);
    })();
    await expect(reading).rejects.toThrow(/Quote Not Closed/);
    expect(found).toEqual([{ kind: "record", location: "line 2", value: { id: "1", name: "a" } }]);
  });

  test("gives the header of a JSON document with its records", async () => {
    const reader = readRecords(bytesOf('{"released":"today","items":[{"a":1},{"a":NaN},{"a":2}]}'), {
      kind: "json",
      array: "items",
    });
    const found: FoundRecord[] = [];
    for await (const record of reader) found.push(record);
    expect(reader.header).toEqual({ released: "today" });
    expect(found.map(({ kind, location }) => [kind, location])).toEqual([
      ["record", "items[0]"],
      ["fault", "items[1]"],
      ["record", "items[2]"],
    ]);
    expect(found[1]).toMatchObject({ value: '{"a":NaN}', reason: expect.stringContaining("expected JSON") });
  });

  test("keeps characters whole that two chunks share", async () => {
    const bytes = Buffer.from('{"items":["é€😀"]}');
    async function* single(): AsyncGenerator<Buffer> {
      for (const byte of bytes) yield Buffer.of(byte);
    }
    for await (const record of readRecords(single(), { kind: "json", array: "items" })) {
      expect(record.value).toBe("é€😀");
    }
  });
});

async function read(text: string, format: Format): Promise<FoundRecord[]> {
  const found: FoundRecord[] = [];
  for await (const record of readRecords(bytesOf(text), format)) found.push(record);
  return found;
}

async function* bytesOf(text: string): AsyncGenerator<Buffer> {
  yield Buffer.from(text);
}
