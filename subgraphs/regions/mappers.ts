/** Which row each graph type resolves from; codegen.ts reads the names. */
import type * as rows from "../../prisma/generated/client.ts";
import type { Connection } from "../shared/page.ts";

export type RegionMapper = rows.Region;
export type JurisdictionMapper = rows.Jurisdiction;
export type CountryMapper = rows.Country;
export type UserMapper = rows.Account;
export type DataSubjectMapper = rows.DataSubject;
export type ConsentMapper = rows.Consent;
export type ResidencyPreferenceMapper = rows.ResidencyPreference;
export type ReplicationLinkMapper = rows.ReplicationLink;
export type {
  DurabilityWaiver as DurabilityWaiverMapper,
  QuarantinedChange as QuarantinedChangeMapper,
  ReplicationConflict as ReplicationConflictMapper,
  ReplicationSlot as ReplicationSlotMapper,
} from "./db/replication.ts";
export type RegionSightingMapper = rows.RegionProbe;
export type RegionOrderMapper = rows.RegionOrder;
export type RegionRepairMapper = rows.RegionRepair;
export type FailoverEventMapper = rows.FailoverEvent;
export type CountryConnectionMapper = Connection<rows.Country>;
export type DataSubjectConnectionMapper = Connection<rows.DataSubject>;
/** A type of another subgraph: only its name and its id are known here. */
export type NodeReference = { readonly __typename: string; readonly id: string };
