/** The overlay: every field that a rule decides about is marked in the editor, with the rule beside it and why on hover. */
import { type MonacoEditor, useGraphiQL } from "@graphiql/react";
import { useEffect } from "react";
import { explainField, explainType, kindOf, noteOf } from "./describeMark.ts";
import type { Mark } from "./toMarks.ts";

type Decoration = Parameters<MonacoEditor["createDecorationsCollection"]>[0] extends
  | readonly (infer One)[]
  | undefined
  ? One
  : never;

/** They are there as long as whoever calls this is. */
export function useEditorMarks(marks: readonly Mark[]): void {
  const editor = useGraphiQL((state) => state.queryEditor);
  useEffect(() => {
    const decorations = editor?.createDecorationsCollection(marks.map(toDecoration));
    return () => decorations?.clear();
  }, [editor, marks]);
}

/** `NeverGrowsWhenTypingAtEdges` of Monaco: what is typed over is gone, until the gateway has answered about what is new. */
const neverGrows = 1;

function toDecoration(mark: Mark): Decoration {
  const kind = kindOf(mark);
  const note = noteOf(mark);
  return {
    range: {
      startLineNumber: mark.line,
      startColumn: mark.column,
      endLineNumber: mark.line,
      endColumn: mark.endColumn,
    },
    options: {
      stickiness: neverGrows,
      inlineClassName: `policy-mark policy-mark-${kind}`,
      hoverMessage: [
        ...mark.fields.map((field) => ({ value: `\`${field.coordinate}\` ${explainField(field)}` })),
        ...mark.types.map((type) => ({ value: explainType(type) })),
      ],
      ...(note !== undefined && {
        after: { content: `  ${note}`, inlineClassName: `policy-note policy-note-${kind}` },
      }),
    },
  };
}
