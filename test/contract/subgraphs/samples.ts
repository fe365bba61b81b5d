/** The five, in the order in which they are composed. A new entity gets its line in its subgraph's file. */
import { compliance } from "./samples/compliance.ts";
import { intelligence } from "./samples/intelligence.ts";
import { ml } from "./samples/ml.ts";
import { mobile } from "./samples/mobile.ts";
import { regions } from "./samples/regions.ts";
import type { Sample } from "./samples/sample.ts";

export const samples: readonly Sample[] = [regions, intelligence, ml, compliance, mobile];
