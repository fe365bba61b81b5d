import { type FieldNode, Kind } from "graphql";

/** What is selected where nothing else is: an object of no fields must still be known to be there. */
export const TYPENAME: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: "__typename" } };
