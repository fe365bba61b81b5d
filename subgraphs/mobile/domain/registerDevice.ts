import { naturalId } from "../../shared/ids.ts";
import { firstFault, refuseLength } from "../../shared/parseInput.ts";

export type DeviceFacts = {
  readonly installationId: string;
  readonly model: string | null;
  readonly appVersion: string;
};

/**
 * By natural key: an app that registers again, also in another region, is the same device, and the next person to sign
 * in on the same phone has a device of their own.
 */
export function deviceIdOf(
  owner: { readonly tenant: string; readonly id: string },
  installationId: string,
): string {
  return naturalId(owner.tenant, "device", owner.id, installationId);
}

/** Null when the facts have the right form, otherwise what was expected and what came. */
export function refuseDevice({ installationId, model, appVersion }: DeviceFacts): string | null {
  return firstFault(
    refuseLength("installationId", installationId, 128),
    model === null ? null : refuseLength("model", model, 100),
    refuseLength("appVersion", appVersion, 32),
  );
}

/** The residency is a part of the id, so it stays what it was when the device was first made known. */
export function refuseMove(
  known: { readonly residency: string } | null,
  asked: string | null,
): string | null {
  if (known === null || asked === null || asked === known.residency) return null;
  return `expected \`residency\` ${known.residency.toUpperCase()}, where the device is stored already; got ${asked.toUpperCase()}`;
}
