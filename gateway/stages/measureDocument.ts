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
  /** With every fragment written out wherever it is spread. */
  readonly fields: number;
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
  const { operations, fragments } = sortDefinitions(document);
  const measure = createSelectionMeasure(fragments);
  return operations.map((operation) => measure(operation.selectionSet)).reduce(larger, nothing);
}

/**
 * How many pairs of fields stand at the same place of the answer. The rule that they can be merged compares each with
 * each, which is quadratic and all on this thread. For documents whose `depth` and `fields` are known to be small. Only one
 * with fragments that lead back to themselves has more fields than were measured: that ends at `fieldsMax`, as infinity.
 */
export function countOverlaps(document: DocumentNode, depthMax: number, fieldsMax: number): number {
  const { operations, fragments } = sortDefinitions(document);
  let pairs = 0;
  let fieldsLeft = fieldsMax;

  function visitPlace(sets: readonly SelectionSetNode[], depth: number): void {
    const counts = new Map<string, number>();
    const inner = new Map<string, SelectionSetNode[]>();
    const spread = new Set<string>();

    function collect({ selections }: SelectionSetNode): void {
      for (const selection of selections) {
        if (fieldsLeft < 0) return;
        if (selection.kind === Kind.FIELD) {
          fieldsLeft -= 1;
          const name = (selection.alias ?? selection.name).value;
          counts.set(name, (counts.get(name) ?? 0) + 1);
          const known = inner.get(name);
          if (known && selection.selectionSet) known.push(selection.selectionSet);
          else if (selection.selectionSet) inner.set(name, [selection.selectionSet]);
        } else if (selection.kind === Kind.INLINE_FRAGMENT) collect(selection.selectionSet);
        else if (!spread.has(selection.name.value)) {
          spread.add(selection.name.value);
          const fragment = fragments.get(selection.name.value);
          if (fragment) collect(fragment.selectionSet);
        }
      }
    }

    for (const set of sets) collect(set);
    for (const count of counts.values()) pairs += (count * (count - 1)) / 2;
    // Deeper than the document is only a fragment that leads back to itself.
    if (depth >= depthMax) return;
    for (const next of inner.values()) {
      if (fieldsLeft < 0) return;
      visitPlace(next, depth + 1);
    }
  }

  for (const operation of operations) {
    // `fields` is that of the largest operation.
    fieldsLeft = fieldsMax;
    visitPlace([operation.selectionSet], 1);
    if (fieldsLeft < 0) return Number.POSITIVE_INFINITY;
  }
  return pairs;
}

function sortDefinitions(document: DocumentNode) {
  const fragments = new Map<string, FragmentDefinitionNode>();
  const operations: OperationDefinitionNode[] = [];
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
    if (definition.kind === Kind.OPERATION_DEFINITION) operations.push(definition);
  }
  return { operations, fragments };
}

const nothing: DocumentSize = { depth: 0, aliases: 0, rootFields: 0, directives: 0, fields: 0 };

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
      fields: inner.fields + 1,
    };
  }

  function measureSelections({ selections }: SelectionSetNode): DocumentSize {
    let [depth, aliases, rootFields, directives, fields] = [0, 0, 0, 0, 0];
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
      fields += size.fields;
    }
    return { depth, aliases, rootFields, directives, fields };
  }

  return measureSelections;
}

function larger(a: DocumentSize, b: DocumentSize): DocumentSize {
  return {
    depth: Math.max(a.depth, b.depth),
    aliases: Math.max(a.aliases, b.aliases),
    rootFields: Math.max(a.rootFields, b.rootFields),
    directives: Math.max(a.directives, b.directives),
    fields: Math.max(a.fields, b.fields),
  };
}
