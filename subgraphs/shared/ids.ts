/**
 * Ids in the graph: `<residency>-<type>-<uuid>`, such as `eu-signal-0192b1c4-…`. The residency lets the gateway send
 * a representation to the right jurisdiction and the type lets `node` answer, both without a look-up
 * (docs/decisions/0005-ids-name-residency-and-type.md). Tables hold the bare UUID.
 */
import { v5, v7, validate } from "uuid";
import { AppError } from "./errors.ts";

export const residencies = ["global", "us", "eu", "br", "ap"] as const;
export type Residency = (typeof residencies)[number];

export type GlobalId = { readonly residency: Residency; readonly type: string; readonly uuid: string };

/** Namespace of natural keys (UUIDv5, RFC 9562 §5.5). Changing it would give every object a new id. */
const NATURAL_KEYS = "5b0c5a4e-6f7e-5f0b-9f0e-0b8a6f1d7a10";

export function toGlobalId(residency: string, type: string, uuid: string): string {
  return `${residency}-${type.toLowerCase()}-${uuid}`;
}

/** Null when the text is no global id. */
export function parseGlobalId(id: string): GlobalId | null {
  const [, residency, type, uuid] = /^([a-z]+)-([a-z]+)-(.+)$/.exec(id) ?? [];
  if (!isResidency(residency) || type === undefined || !validate(uuid)) return null;
  return { residency, type, uuid: uuid as string };
}

/** The UUID inside a global id of this type. Throws BAD_USER_INPUT, telling what was expected and what came. */
export function getUuid(id: string, type: string): string {
  return getGlobalId(id, type).uuid;
}

/** The parts of a global id of this type. Throws as `getUuid` does. */
export function getGlobalId(id: string, type: string): GlobalId {
  const parsed = parseGlobalId(id);
  if (parsed?.type !== type.toLowerCase()) {
    throw new AppError(
      "BAD_USER_INPUT",
      `expected the id of a ${type}, such as global-${type.toLowerCase()}-<uuid>; got ${JSON.stringify(id.slice(0, 80))}`,
    );
  }
  return parsed;
}

/** The same natural key in the same tenant has the same id in every region, so two regions cannot both create it. */
export function naturalId(tenant: string, ...key: readonly string[]): string {
  return v5(JSON.stringify([tenant, ...key]), NATURAL_KEYS);
}

/** A new UUIDv7: ordered by time, so that indexes grow at their end. */
export function newId(): string {
  return v7();
}

function isResidency(value: string | undefined): value is Residency {
  return residencies.some((residency) => residency === value);
}

export type ResidencyName = "GLOBAL" | "US" | "EU" | "BR" | "AP";

/** The graph's enum value for a row's residency. */
export function toResidencyName(residency: string): ResidencyName {
  if (!isResidency(residency))
    throw new Error(`a row has residency ${JSON.stringify(residency)}, which no constraint allows`);
  return residency.toUpperCase() as ResidencyName; // The five names are the five residencies in upper case.
}

export function isResidencyName(name: string): name is ResidencyName {
  return isResidency(name.toLowerCase()) && name === name.toUpperCase();
}

/** The row's residency for a value of the graph's enum. */
export function toResidency(name: ResidencyName): Residency {
  return name.toLowerCase() as Residency; // As above, the other way.
}
