/** A plan made ready to run: what to send, when, what comes back, and how to print the whole. */
import type { FetchNode } from "../../planning/queryPlan.ts";
import type { CompiledVariant } from "./compilePrinter.ts";
import type { VariantPrinter } from "./printer.ts";
import type { Attachment, Family, ObjectShape, Place } from "./shape.ts";

export type CompiledPlan = {
  readonly steps: readonly Step[];
  /** The whole answer is an object that no subgraph has; root fetches are attached to it. */
  readonly root: ObjectShape;
  readonly printer: VariantPrinter;
  /** Numbers of families, chains and memories that a run needs. */
  readonly families: number;
  readonly chains: number;
  readonly memories: number;
};

/** One fetch. */
export type Step = {
  readonly index: number;
  readonly fetch: FetchNode;
  /** The plan's own operations that this fetch is made of, where it is made of several. */
  readonly parts: readonly string[];
  readonly family: Family;
  /** The request's body: in front of the variables' values, and behind the representations. */
  readonly head: string;
  readonly tail: string;
  /** Variables of the client by their names in the fetch. */
  readonly variables: readonly { readonly name: string; readonly clientName: string }[];
  /** Where the answer goes, for a fetch of root fields. */
  readonly rootAttachment: Attachment | undefined;
  /** Objects that this step asks entities for. */
  readonly targets: readonly Target[];
  /** How many steps have to be done before, and who waits for this one. */
  waitsFor: number;
  readonly waiters: number[];
};

export type Target = {
  readonly place: Place;
  /** By index of the place's variants; undefined where the step is not for that type. */
  readonly variants: readonly (TargetVariant | undefined)[];
};

export type TargetVariant = {
  readonly printer: CompiledVariant;
  readonly attachment: Attachment;
  /** The entity of another step from which that of this one follows, and the memory for it. */
  readonly decidedBy: number;
  readonly memory: number;
};
