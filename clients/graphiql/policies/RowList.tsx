/** What becomes of each row that was loaded for the explanation. */
import type { Explanation, RowAccess } from "./explanation.ts";

const words = { ALLOW: "allowed", MASK: "masked", NULL: "null", DROP: "left out" } as const;
const kinds = { ALLOW: "allowed", MASK: "filtered", NULL: "denied", DROP: "denied" } as const;

export function RowList({ rows, isComplete }: Pick<Explanation, "rows"> & { readonly isComplete: boolean }) {
  if (!rows) return null;
  return (
    <>
      <h3>Rows</h3>
      {!isComplete && <p>Not all: a subgraph did not answer, or there are more than 500.</p>}
      {rows.length === 0 && <p>No rule decided about a row.</p>}
      <ul className="policy-list">
        {rows.map((row) => (
          <li key={row.path}>
            <span className={`policy-badge policy-badge-${kinds[row.outcome]}`}>{words[row.outcome]}</span>{" "}
            <code>{row.path}</code> {explainRow(row)}
          </li>
        ))}
      </ul>
    </>
  );
}

function explainRow({ type, outcome, rule, reason, masked }: RowAccess): string {
  if (outcome === "ALLOW") return type;
  const fields = masked.map(({ field, as }) => `${field} (${as})`).join(", ");
  return `${type}: ${rule} (${reason})${fields ? `, masks ${fields}` : ""}`;
}
