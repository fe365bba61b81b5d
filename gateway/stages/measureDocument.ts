/**
 * Measures how much work a document asks for before anybody does that work. Tokens and nesting are counted on the
 * source text, so that a document too deep for a recursive parser never reaches one; the rest on the parsed document,
 * with each fragment measured once however often it is spread.
 */
import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  Kind,
  Lexer,
  type OperationDefinitionNode,
  type SelectionSetNode,
  Source,
  TokenKind,
} from "graphql";

export type TextSize = { readonly tokens: number; readonly nesting: number };

export type DocumentSize = {
  readonly depth: number;
  readonly aliases: number;
  readonly rootFields: number;
  readonly directives: number;
  /** The most often that one response name stands in one selection set: merging those is quadratic. */
  readonly repeats: number;
};

/** Stops as soon as a limit is passed; a syntax error is left for the parser to report. */
export function measureText(text: string, tokensMax: number, nestingMax: number): TextSize {
  const lexer = new Lexer(new Source(text));
  let tokens = 0;
  let open = 0;
  let nesting = 0;
  while (tokens <= tokensMax && nesting <= nestingMax) {
    const { kind } = lexer.advance();
    if (kind === TokenKind.EOF) break;
    tokens += 1;
    if (kind === TokenKind.BRACE_L || kind === TokenKind.BRACKET_L) nesting = Math.max(nesting, ++open);
    if (kind === TokenKind.BRACE_R || kind === TokenKind.BRACKET_R) open -= 1;
  }
  return { tokens, nesting };
}

/** The largest of each measure over the operations of the document. */
export function measureDocument(document: DocumentNode): DocumentSize {
  const fragments = new Map<string, FragmentDefinitionNode>();
  const operations: OperationDefinitionNode[] = [];
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
    if (definition.kind === Kind.OPERATION_DEFINITION) operations.push(definition);
  }
  const measure = createSelectionMeasure(fragments);
  return operations.map((operation) => measure(operation.selectionSet)).reduce(larger, nothing);
}

const nothing: DocumentSize = { depth: 0, aliases: 0, rootFields: 0, directives: 0, repeats: 0 };

function createSelectionMeasure(fragments: ReadonlyMap<string, FragmentDefinitionNode>) {
  // A fragment being measured counts as nothing, so cycles end here and validation names them later.
  const measured = new Map<string, DocumentSize>();

  function measureFragment(name: string): DocumentSize {
    const known = measured.get(name);
    if (known) return known;
    measured.set(name, nothing);
    const fragment = fragments.get(name);
    const size = fragment ? measureSelections(fragment.selectionSet) : nothing;
    measured.set(name, size);
    return size;
  }

  function measureField(field: FieldNode): DocumentSize {
    const inner = field.selectionSet ? measureSelections(field.selectionSet) : nothing;
    return {
      ...inner,
      depth: inner.depth + 1,
      aliases: inner.aliases + (field.alias ? 1 : 0),
      rootFields: 1,
    };
  }

  function measureSelections({ selections }: SelectionSetNode): DocumentSize {
    const seen = new Map<string, number>();
    let [depth, aliases, rootFields, directives, repeats] = [0, 0, 0, 0, 0];
    for (const selection of selections) {
      const size =
        selection.kind === Kind.FIELD
          ? measureField(selection)
          : selection.kind === Kind.INLINE_FRAGMENT
            ? measureSelections(selection.selectionSet)
            : measureFragment(selection.name.value);
      depth = Math.max(depth, size.depth);
      aliases += size.aliases;
      rootFields += size.rootFields;
      directives += size.directives + (selection.directives?.length ?? 0);
      const name = selection.kind === Kind.FIELD ? (selection.alias ?? selection.name).value : "...";
      seen.set(name, (seen.get(name) ?? 0) + 1);
      repeats = Math.max(repeats, size.repeats, seen.get(name) ?? 0);
    }
    return { depth, aliases, rootFields, directives, repeats };
  }

  return measureSelections;
}

function larger(a: DocumentSize, b: DocumentSize): DocumentSize {
  return {
    depth: Math.max(a.depth, b.depth),
    aliases: Math.max(a.aliases, b.aliases),
    rootFields: Math.max(a.rootFields, b.rootFields),
    directives: Math.max(a.directives, b.directives),
    repeats: Math.max(a.repeats, b.repeats),
  };
}
