/** Asks anew whenever what the editors say has changed, a moment after the last key. */
import { tryParseJSONC, useGraphiQL } from "@graphiql/react";
import { useEffect, useState } from "react";
import { type Asked, askExplanation, type Explained } from "./explanation.ts";

export type Asking =
  | { readonly kind: "asking"; readonly last: Explained | undefined }
  | { readonly kind: "asked"; readonly last: Explained };

const settleMs = 400;

/** `asksRows` loads the rows of the operation as well, which runs it. */
export function useExplanation(endpoint: string, asksRows: boolean): Asking {
  const text = useEditorText("queryEditor");
  const variables = useEditorText("variableEditor");
  const headers = useEditorText("headerEditor");
  const operationName = useGraphiQL((state) => state.operationName);
  const [asking, setAsking] = useState<Asking>({ kind: "asking", last: undefined });

  useEffect(() => {
    const abort = new AbortController();
    setAsking(({ last }) => ({ kind: "asking", last }));
    const timer = setTimeout(async () => {
      const asked = readAsked({ text, variables, headers, operationName, asksRows });
      try {
        const last =
          typeof asked === "string"
            ? unexplained(asked)
            : await askExplanation(endpoint, asked, abort.signal);
        setAsking({ kind: "asked", last });
      } catch (thrown) {
        // Asked anew already.
        if (!abort.signal.aborted) throw thrown;
      }
    }, settleMs);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [endpoint, text, variables, headers, operationName, asksRows]);
  return asking;
}

function useEditorText(name: "queryEditor" | "variableEditor" | "headerEditor"): string {
  const editor = useGraphiQL((state) => state[name]);
  const [text, setText] = useState("");
  useEffect(() => {
    if (!editor) return;
    const read = () => setText(editor.getValue());
    read();
    const listeners = [editor.onDidChangeModelContent(read), editor.onDidChangeModel(read)];
    return () => {
      for (const listener of listeners) listener.dispose();
    };
  }, [editor]);
  return text;
}

type Texts = {
  readonly text: string;
  readonly variables: string;
  readonly headers: string;
  readonly operationName: string | undefined;
  readonly asksRows: boolean;
};

/** A text says what keeps it from being asked. */
function readAsked({ text, variables, headers, operationName, asksRows }: Texts): Asked | string {
  if (text.replaceAll(/#.*$/gm, "").trim() === "") return "There is no operation in the editor yet.";
  const [values, given] = [parseObject(variables), parseObject(headers)];
  if (!values) return "The Variables tab is no JSON object yet.";
  if (!given) return "The Headers tab is no JSON object yet.";
  return {
    operation: text,
    operationName: operationName ?? null,
    variables: values,
    headers: Object.fromEntries(Object.entries(given).map(([name, value]) => [name, String(value)])),
    rows: asksRows,
  };
}

function parseObject(text: string): Record<string, unknown> | undefined {
  if (text.trim() === "") return {};
  try {
    return tryParseJSONC(text) ?? {};
  } catch {
    return undefined;
  }
}

function unexplained(text: string): Explained {
  return { kind: "unexplained", text };
}
