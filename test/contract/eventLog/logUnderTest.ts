import type { EventLog } from "../../../subgraphs/shared/eventLog/eventLog.ts";

/** A real log, and what a test does to it from outside. An adapter joins the suite by offering one of these. */
export type LogUnderTest = AsyncDisposable & {
  /** One more client; closed with the log. */
  readonly open: () => EventLog;
  /** Breaks every connection of every client, whatever is under way. */
  readonly cutConnections: () => Promise<void>;
  /** Often enough to hurt, and seldom enough that something gets through between two cuts. */
  readonly cutEveryMs: number;
  /** Whether `send` answers where a repetition already is, rather than leaving it to readers to drop it. */
  readonly findsRepetitions: boolean;
  /** Declares all members of the group dead, as a session timeout does, without their knowing. */
  readonly expelMembers: (groupId: string) => Promise<void>;
  /** Makes everything appended so far older than any retention, and resolves when the log has deleted it. */
  readonly expireRecords: (topic: string) => Promise<void>;
};
