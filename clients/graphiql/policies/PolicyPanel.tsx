/** The panel: who asks, what is decided about each field and type, by which rule and why; a field's button leads to it. */
import { useGraphiQL } from "@graphiql/react";
import { useMemo, useState } from "react";
import { describeCaller, explainField, explainType, kindOf } from "./describeMark.ts";
import type { Explanation } from "./explanation.ts";
import { RowList } from "./RowList.tsx";
import { type Mark, toMarks } from "./toMarks.ts";
import { useEditorMarks } from "./useEditorMarks.ts";
import { type Asking, useExplanation } from "./useExplanation.ts";

const words = { denied: "denied", filtered: "some rows", allowed: "allowed" } as const;

export function PolicyPanel({ endpoint }: { readonly endpoint: string }) {
  const [asksRows, setAsksRows] = useState(false);
  const [showsAllowed, setShowsAllowed] = useState(true);
  const asking = useExplanation(endpoint, asksRows);
  const { last } = asking;
  const explanation = last?.kind === "explained" ? last.explanation : undefined;
  const marks = useMemo(
    () => (last?.kind === "explained" ? toMarks(last.asked.operation, last.explanation) : []),
    [last],
  );
  useEditorMarks(marks);
  const shown = marks.filter((mark) => showsAllowed || kindOf(mark) !== "allowed");
  return (
    <section className="policy-panel" aria-labelledby="policy-title">
      <h2 id="policy-title">Policies</h2>
      <p role="status" className="policy-status">
        {summarise(asking, marks)}
      </p>
      {explanation && (
        <>
          <dl className="policy-facts">
            <dt>You are</dt>
            <dd>{describeCaller(explanation.caller)}</dd>
            <dt>Rules of</dt>
            <dd>{explanation.bundleRevision || "an unsigned bundle"}</dd>
          </dl>
          <fieldset>
            <legend>Show</legend>
            <label>
              <input
                type="checkbox"
                checked={showsAllowed}
                onChange={(event) => setShowsAllowed(event.target.checked)}
              />
              what is allowed, too
            </label>
            <label>
              <input
                type="checkbox"
                checked={asksRows}
                onChange={(event) => setAsksRows(event.target.checked)}
              />
              rows (runs the query)
            </label>
          </fieldset>
          <h3>Fields</h3>
          <FieldList marks={shown} />
          <TypeList types={explanation.types} />
          <RowList rows={explanation.rows} isComplete={explanation.rowsComplete ?? true} />
        </>
      )}
    </section>
  );
}

function summarise({ kind, last }: Asking, marks: readonly Mark[]): string {
  if (!last) return "Asking the gateway…";
  if (last.kind === "unexplained") return last.text;
  const denied = marks.filter((mark) => kindOf(mark) === "denied").length;
  const text =
    denied === 0
      ? `All ${marks.length} fields are allowed.`
      : `${denied} of ${marks.length} fields ${denied === 1 ? "is" : "are"} denied.`;
  return kind === "asking" ? `${text} Asking again…` : text;
}

function FieldList({ marks }: { readonly marks: readonly Mark[] }) {
  const editor = useGraphiQL((state) => state.queryEditor);
  const goTo = ({ line, column, endColumn }: Mark) => {
    const range = { startLineNumber: line, startColumn: column, endLineNumber: line, endColumn };
    editor?.revealRangeInCenterIfOutsideViewport(range);
    editor?.setSelection(range);
    editor?.focus();
  };
  if (marks.length === 0) return <p>None to show.</p>;
  return (
    <ul className="policy-list">
      {marks.map((mark) => {
        const kind = kindOf(mark);
        return (
          <li key={`${mark.line}:${mark.column}`}>
            <button type="button" onClick={() => goTo(mark)} title="Show in the editor">
              <span className={`policy-badge policy-badge-${kind}`}>{words[kind]}</span>{" "}
              <code>{mark.place}</code>
            </button>
            <ul>
              {mark.fields.map((field) => (
                <li key={field.coordinate}>
                  <code>{field.coordinate}</code> {explainField(field)}
                </li>
              ))}
            </ul>
          </li>
        );
      })}
    </ul>
  );
}

function TypeList({ types }: Pick<Explanation, "types">) {
  if (types.length === 0) return null;
  return (
    <>
      <h3>Rows by type</h3>
      <ul className="policy-list">
        {types.map((type) => (
          <li key={type.type}>
            <code>{type.type}</code> {explainType(type)}
            {type.condition !== null && (
              <details>
                <summary>The condition</summary>
                <pre>{JSON.stringify(type.condition, undefined, 2)}</pre>
              </details>
            )}
          </li>
        ))}
      </ul>
    </>
  );
}
