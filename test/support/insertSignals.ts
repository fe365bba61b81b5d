/** Rows for tests, written in SQL as an operator would: the graph is told nothing of them. */
import { randomUUID } from "node:crypto";
import type { TestDatabase } from "./startDatabase.ts";

export type TestSignal = {
  readonly id: string;
  readonly tenant: string;
  readonly residency: string;
  readonly source_code: string;
  readonly source_id: string;
  readonly domain: string;
  readonly kind: string;
  readonly title: string;
  readonly severity: number;
  readonly confidence: number;
  readonly marking: string;
  readonly country_code: string | null;
  readonly url: string | null;
  readonly observed_at: string;
  readonly updated_at: string;
  readonly ingest_region_code: string;
  readonly latitude?: number;
  readonly longitude?: number;
};

/** In one statement. What is left out is the same for all but the ids. */
export async function insertSignals(
  database: TestDatabase,
  signals: readonly Partial<TestSignal>[],
): Promise<readonly TestSignal[]> {
  const rows = signals.map((signal): TestSignal => {
    const id = signal.id ?? randomUUID();
    return {
      id,
      tenant: "acme",
      residency: "global",
      source_code: "analyst",
      source_id: id,
      domain: "CYBER",
      kind: "test",
      title: "Something happened",
      severity: 0.5,
      confidence: 1,
      marking: "CLEAR",
      country_code: "DE",
      url: null,
      observed_at: "2026-03-03T12:00:00.000Z",
      updated_at: "2026-03-03T12:00:00.000Z",
      ingest_region_code: "us-east",
      ...signal,
    };
  });
  const columns = Object.keys(rows[0] ?? {}).join(", ");
  await database.query(
    `INSERT INTO intelligence.signal (${columns})
     SELECT ${columns} FROM json_populate_recordset(NULL::intelligence.signal, $1)`,
    [JSON.stringify(rows)],
  );
  return rows;
}

export async function insertSource(database: TestDatabase, code: string): Promise<void> {
  await database.query(
    `INSERT INTO intelligence.source (id, code, name, publisher, domain, licence, reliability, url)
     VALUES ($1, $2, $2, 'Test', 'CYBER', 'CC0', 'A', 'https://atlas.example/test')`,
    [randomUUID(), code],
  );
}
