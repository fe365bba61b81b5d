/** Which row each graph type resolves from; codegen.ts reads the names. */
import type * as rows from "../../prisma/generated/client.ts";
import type { Pin, StoredMutation } from "./rows.ts";

export type DeviceMapper = rows.Device;
export type SyncCursorMapper = rows.SyncCursor;
export type OfflineMutationMapper = StoredMutation;
export type PushTokenMapper = Omit<rows.PushToken, "tokenHash">;
export type NotificationMapper = rows.Notification;
export type OfflineStateMapper = { readonly pins: readonly Pin[] };
/** Types of other subgraphs: only their ids are known here. */
export type UserMapper = { readonly id: string };
export type RiskAssessmentMapper = { readonly id: string };
