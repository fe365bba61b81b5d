/** Rows of every residency and marking that the case tables speak of, stored as an operator would: in SQL. */
import { randomUUID } from "node:crypto";
import { insertSignals } from "../../support/insertSignals.ts";
import type { TestDatabase } from "../../support/startDatabase.ts";

export type StoredRows = {
  /** Global id of a row of a type with these attributes; undefined when there is none. */
  readonly find: (type: string, attributes: Readonly<Record<string, unknown>>) => string | undefined;
};

const residencies = ["GLOBAL", "US", "EU", "BR", "AP"];
const markings = ["CLEAR", "GREEN", "AMBER", "AMBER_STRICT", "RED"];
const purposes = ["research", "compliance", "operations"];

type Row = {
  readonly uuid: string;
  readonly type: string;
  readonly attributes: Readonly<Record<string, unknown>>;
};

export async function storeRows(
  database: TestDatabase,
  tenant: string,
  signals: readonly { readonly marking: string; readonly residency: string; readonly age: number }[],
): Promise<StoredRows> {
  const make = (type: string, attributes: Row["attributes"]): Row => ({
    uuid: randomUUID(),
    type,
    attributes,
  });
  const assessments = markings.map((marking) => make("RiskAssessment", { marking, residency: "GLOBAL" }));
  const scenarios = residencies.map((residency) => make("Scenario", { residency }));
  const people = residencies.flatMap((residency) =>
    [true, false, null].map((consent) => make("DataSubject", { residency, consent })),
  );
  const accounts = residencies.map((residency) => make("User", { residency }));
  const observed = signals.map((attributes) => make("Signal", attributes));
  const insert = (table: string, columns: string, values: string, rows: readonly object[]) =>
    database.query(
      `INSERT INTO ${table} (${columns}) SELECT ${values} FROM json_populate_recordset(NULL::${table}, $1) AS row`,
      [JSON.stringify(rows)],
    );
  const residencyOf = ({ attributes }: Row) => String(attributes.residency).toLowerCase();

  await insert(
    "intelligence.risk_assessment",
    "id, tenant, residency, title, score, horizon_days, rationale, marking, author_id, author_residency, revision, created_at, updated_at",
    "id, tenant, residency, 'A judgement', 0.5, 30, 'Because.', marking, author_id, author_residency, 1, now(), now()",
    [
      ...assessments.map((row) => ({
        id: row.uuid,
        tenant,
        residency: "global",
        marking: row.attributes.marking,
      })),
      // An account is reached through what it wrote.
      ...accounts.map((row) => ({
        id: row.uuid,
        tenant,
        residency: "global",
        marking: "CLEAR",
        author_id: row.uuid,
        author_residency: residencyOf(row),
      })),
    ],
  );
  await insert(
    "intelligence.scenario",
    "id, tenant, residency, name, description, version, inputs",
    "id, tenant, residency, 'A what-if', 'Suppose.', 1, '{}'",
    scenarios.map((row) => ({ id: row.uuid, tenant, residency: residencyOf(row) })),
  );
  await insert(
    "regions.data_subject",
    "id, tenant, residency, pseudonym, jurisdiction_code",
    "id, tenant, residency, 'Subject ' || id, 'EU'",
    people.map((row) => ({ id: row.uuid, tenant, residency: residencyOf(row) })),
  );
  await insert(
    "regions.consent",
    "id, tenant, residency, subject_id, purpose, decision, version, recorded_by",
    "gen_random_uuid(), tenant, residency, subject_id, purpose, decision, 1, 'test'",
    people
      .filter(({ attributes }) => attributes.consent !== null)
      .flatMap((row) =>
        purposes.map((purpose) => ({
          tenant,
          residency: residencyOf(row),
          subject_id: row.uuid,
          purpose,
          decision: row.attributes.consent ? "GRANTED" : "REFUSED",
        })),
      ),
  );
  await insert(
    "regions.account",
    "id, tenant, subject, display_name, residency, created_at",
    "id, tenant, id::text, 'Ada Analyst', residency, now()",
    accounts.map((row) => ({ id: row.uuid, tenant, residency: residencyOf(row) })),
  );
  await insertSignals(
    database,
    observed.map((row) => ({
      id: row.uuid,
      tenant,
      residency: residencyOf(row),
      marking: String(row.attributes.marking),
      observed_at: toMoment(Number(row.attributes.age)),
      latitude: 12.345,
      longitude: -98.765,
    })),
  );

  const rows = [...assessments, ...scenarios, ...people, ...accounts, ...observed];
  return {
    find: (type, attributes) => {
      const row = rows.find(
        (stored) =>
          stored.type === type &&
          Object.entries(attributes).every(([name, value]) => stored.attributes[name] === value),
      );
      if (!row) return undefined;
      return type === "User"
        ? `global-riskassessment-${row.uuid}`
        : `${residencyOf(row)}-${type.toLowerCase()}-${row.uuid}`;
    },
  };
}

/** Noon of the day that was so many days ago, in UTC. */
function toMoment(ageDays: number): string {
  const dayMs = 86_400_000;
  return new Date((Math.floor(Date.now() / dayMs) - ageDays + 0.5) * dayMs).toISOString();
}
