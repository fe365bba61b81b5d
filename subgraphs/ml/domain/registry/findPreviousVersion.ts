/**
 * Where a rollback goes: to the version before the one that the alias points at. Moves are undone like those of an editor, so
 * a second rollback goes further back and not forth again.
 */

export type Move = { readonly kind: string; readonly versionId: string };

/** `moves` of one alias, oldest first. Null when there is nothing before. */
export function findPreviousVersion(moves: readonly Move[]): string | null {
  const stack: string[] = [];
  for (const { kind, versionId } of moves) {
    if (kind === "ROLLBACK") stack.pop();
    else if (stack.at(-1) !== versionId) stack.push(versionId);
  }
  return stack.at(-2) ?? null;
}
