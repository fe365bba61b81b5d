/**
 * The port to the event log: topics cut into partitions, each a sequence of records with offsets. Names and semantics
 * are Kafka's: order holds for each key, delivery is at least once, what `send` acknowledged is durable. Adapters:
 * postgresEventLog.ts, kafkaEventLog.ts. Both pass test/contract/eventLog/describeEventLog.ts.
 */

export type EventLog = {
  /** Does nothing when the topic is there already, whatever its partitions. */
  readonly createTopic: (topic: string, options: TopicOptions) => Promise<void>;
  readonly createProducer: (options?: ProducerOptions) => Producer;
  /** Where each partition of the topic begins and ends now. */
  readonly listOffsets: (topic: string) => Promise<readonly PartitionOffsets[]>;
  /** A single look, without group or position. Rejects with OFFSET_OUT_OF_RANGE where nothing is or will be next. */
  readonly read: (from: ReadRequest) => Promise<readonly LogRecord[]>;
  /** Every subscriber gets every record: for those who tell others what is new. Nothing is committed. */
  readonly subscribe: (options: SubscribeOptions) => Promise<Subscription>;
  /** The consumers of a group share the partitions: each record goes to one of them. For those who do work. */
  readonly consume: (options: ConsumeOptions) => Promise<Consumer>;
  /** How far a group is behind, for each partition. */
  readonly listLag: (groupId: string, topic: string) => Promise<readonly PartitionLag[]>;
  /** Stops subscriptions and consumers, then lets go of connections. */
  readonly close: () => Promise<void>;
};

export type TopicOptions = {
  readonly numPartitions: number;
  /** Older records may be deleted. Absent: kept for ever. */
  readonly retentionMs?: number;
};

export type ProducerOptions = {
  /**
   * Tells the same producer again after a restart, so that what it repeats is recognised by `sequence`, which each of
   * its messages must have. Default: a new one, for which only retries inside `send` are recognised.
   */
  readonly producerId?: string;
};

export type Producer = {
  /**
   * Appends the messages and answers where each is, in the order given. Retries while the log is away; a retry adds
   * nothing that an earlier attempt had added.
   */
  readonly send: (topic: string, messages: readonly Message[]) => Promise<readonly RecordMetadata[]>;
};

export type Message = {
  /** Messages of one key stand in one partition, in the order sent. Null: any partition. */
  readonly key: string | Buffer | null;
  /** Null marks a deletion (a tombstone). */
  readonly value: string | Buffer | null;
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * A whole number of 64 bits that this producer gives to no other message. For messages that may be sent again after
   * a crash; readers then hear one of them, and `send` may answer the place of either. Absent: the producer counts.
   */
  readonly sequence?: string;
};

/** Offsets have 64 bits, more than a number holds, so they are texts. Contiguity is never promised. */
export type RecordMetadata = { readonly partition: number; readonly offset: string };

export type LogRecord = RecordMetadata & {
  readonly topic: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly timestamp: Date;
};

export type PartitionOffsets = {
  readonly partition: number;
  /** The oldest that is kept. */
  readonly low: string;
  /** Where the next record will stand. */
  readonly high: string;
};

export type PartitionLag = {
  readonly partition: number;
  /** Where the group goes on; null before its first commit. */
  readonly committed: string | null;
  /** Records that it has yet to read; all that are kept before its first commit. */
  readonly lag: string;
};

export type ReadRequest = {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly recordsMax: number;
};

export type SubscribeOptions = {
  readonly topics: readonly string[];
  /** `latest`: what is sent after `subscribe` has resolved. Offsets that are left out begin at the latest. */
  readonly from: "earliest" | "latest" | readonly TopicPartitionOffset[];
  /** Gets the records of one partition in order. When it rejects it gets them again. */
  readonly onRecords: (records: readonly LogRecord[]) => Promise<void>;
  /** Told of each failure that is about to be retried. */
  readonly onRetry?: (error: unknown) => void;
};

export type TopicPartitionOffset = {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
};

export type Subscription = { readonly close: () => Promise<void> };

export type ConsumeOptions = {
  readonly groupId: string;
  readonly topics: readonly string[];
  /** Where a group begins that has committed nothing, or whose place retention has deleted. */
  readonly from: "earliest" | "latest";
  /**
   * Gets records of one partition in order. When it resolves all of them are committed; when it rejects only those up
   * to the last `resolveOffset` are, and the rest comes again.
   */
  readonly eachBatch: (batch: Batch) => Promise<void>;
  /** Of how many partitions batches are under way at once: while one waits, others work. Default 3. */
  readonly partitionsAtOnce?: number;
  readonly onRetry?: (error: unknown) => void;
  /** A consumer that says nothing for this long has lost its partitions. Default 10,000. */
  readonly sessionTimeoutMs?: number;
};

export type Batch = {
  readonly topic: string;
  readonly partition: number;
  readonly records: readonly LogRecord[];
  /** This record and all before it in the batch are done. */
  readonly resolveOffset: (offset: string) => void;
};

export type Consumer = {
  /** The partitions that this consumer owns now. */
  readonly assignment: () => readonly { readonly topic: string; readonly partition: number }[];
  /** Goes on from there with the next batch, if the partition is owned then. */
  readonly seek: (position: TopicPartitionOffset) => void;
  /** Finishes the batch under way, commits it, and gives its partitions to the others. */
  readonly stop: () => Promise<void>;
};
