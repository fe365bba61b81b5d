/** The graph's type for each value of the column `kind`. */
export type EntityType =
  | "Actor"
  | "Organisation"
  | "Asset"
  | "Vulnerability"
  | "Place"
  | "Technique"
  | "Malware";

const typeOfKind: Readonly<Record<string, EntityType>> = {
  ACTOR: "Actor",
  ORGANISATION: "Organisation",
  ASSET: "Asset",
  VULNERABILITY: "Vulnerability",
  PLACE: "Place",
  TECHNIQUE: "Technique",
  MALWARE: "Malware",
};

export function entityTypeOf({ kind, id }: { readonly kind: string; readonly id: string }): EntityType {
  const type = typeOfKind[kind];
  if (!type) throw new Error(`entity ${id} has kind ${kind}, which no constraint allows`);
  return type;
}
